"""The rows and columns of a feature table, out of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Spine
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.rows.spine import NOT_OVER, as_of_date, spine_rows
from tillthen.pit.spark.derived import derive
from tillthen.pit.spark.engine import compute
from tillthen.runtime.failures import expression_errors
from tillthen.sources.events.tally import BACK_DATED
from tillthen.tables.commit import PARTITION
from tillthen.tables.days import Days

Facts = dict[str, dict[str, int]]


def features(
    table: FeatureTable, frames: Mapping[str, DataFrame], days: Days | None, *, claimed: bool = False,
    until: date | None = None,
) -> tuple[DataFrame, Facts]:  # fmt: skip
    """The table's rows, of some days or of all until one, with its columns, and what was counted.

    ``frames`` are by the name of their source. Sources are checked here, features computed when the frame is used.
    ``claimed`` takes rows as known since they claim to be, however late they landed.
    """
    table = as_claimed(table) if claimed else table
    spine = table.spine
    # A part of the days needs more of the source as events than as rows.
    sharing = _sharing(table) if days is None else []
    reads = [name for group in table.feature_sets if group.source in sharing for name in group.reads]
    rows = spine_rows(frames[spine.source.name], spine, reads, days, until)
    if rows.facts.get(BACK_DATED) or rows.facts.get(NOT_OVER):  # left out as rows, still events
        sharing = []
    shared = {source.name: rows.frame for source in sharing}
    sets = [_read_before(group) if group.source in sharing else group for group in table.feature_sets]
    with expression_errors(f"Feature table '{table.name}'"):
        done = compute(rows.frame, sets, {**frames, **shared}, as_of=spine.as_of,
                       columns=spine.columns, unique=shared, timezone=spine.source.timezone,
                       date_is=spine.source.date_is)  # fmt: skip
        frame = derive(done.frame, table.derived)
        frame = frame.select("*", as_of_date(frame, spine).alias(PARTITION))
        columns = dict.fromkeys([*spine.columns, *table.features, PARTITION])
        ordered = frame.select(*[F.col(quoted(name)) for name in columns])
    built = done.facts["spine"]["rows"]
    same = {name: {**done.facts[name], **_seen_before(rows.facts)} for name in shared}
    return ordered, {**done.facts, **same, "spine": {**done.facts["spine"], **rows.facts, "built": built}}


def _read_before(group: FeatureSet) -> FeatureSet:
    """The set over rows of the spine, whose money is in minor units already."""
    return replace(group, source=replace(group.source, money={})) if group.source.money else group


def as_claimed(table: FeatureTable) -> FeatureTable:
    """The table with sources that do not say when their rows landed."""
    sets = [replace(group, source=group.source.as_claimed()) for group in table.feature_sets]
    return replace(table, spine=replace(table.spine, source=table.spine.source.as_claimed()), feature_sets=sets)


def _sharing(table: FeatureTable) -> list[Source]:
    """The sources whose rows are the spine's: of the same table and id, each row on its own.

    Which rows landed in time is counted by their claims; where an ambiguous local time has two readings, those of the
    spine may be fewer.
    """
    own = table.spine.source
    if not isinstance(table.spine, Spine) or (own.landed_time and own.timezone):
        return []
    return [
        source
        for source in dict.fromkeys(group.source for group in table.feature_sets)
        if (source.table, source.id, source.versions, own.versions) == (own.table, own.id, False, False)
        and (source.landed_time, source.screens, source.money) == (own.landed_time, own.screens, own.money)
    ]


def _seen_before(spine: dict[str, int]) -> dict[str, int]:
    """What the spine's check found of the rows that a source shares with it."""
    return {name: spine[name] for name in ("rows", "duplicates_collapsed")}
