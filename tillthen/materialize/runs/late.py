"""Which days late data concerns: those whose rows would be others, had they seen what has landed since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.window import Window
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Spine
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.rows.inputs import read_inputs
from tillthen.materialize.rows.spine import as_of_micros, first_versions
from tillthen.materialize.runs.piece import Job
from tillthen.sources.events.clock import CLAIMED, EVENT_TIME, KNOWN_FROM, back_dated, first_seen, with_clock
from tillthen.sources.reading.keys import Key, key_faults, refuse_keys
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.text import typed
from tillthen.sources.reading.times import DAY
from tillthen.tables.days import EPOCH, Days
from tillthen.tables.entries import Entry
from tillthen.tables.log import files, open_log, remade, storage_options

FIRST, LAST = "__first_day", "__last_day"
STEPS = 30
"""The most versions of a source that are told apart."""


def touched_days(job: Job, table: FeatureTable, built: Mapping[date, Entry]) -> list[date]:
    """The days that stand and that late rows of some source may concern; the others would be built the same.

    A row concerns the instants from when it claims to be known until it counts as known (by its landed time), or for
    ever where its source does not say when it landed or the day was restated, as long as some window sees it. A day
    that was built from a version of the source that held the row has seen it.
    """
    if not built:
        return []
    found: set[date] = set()
    for source in dict.fromkeys(part for one in table.sources for part in one.read):
        found |= set(_touched(job, table, source, built))
    return sorted(found)


def _touched(job: Job, table: FeatureTable, source: Source, built: Mapping[date, Entry]) -> Iterator[date]:
    whole, inputs = Days(min(built), max(built)), read_inputs(job.spark, job.config, [source])
    pins = {day: json.loads(entry.inputs)[source.table] for day, entry in built.items()}
    believing = set(built)
    if source.landed_time:
        now = inputs.pins[source.table].facts()
        seen = {day for day, pin in pins.items() if "version" in pin or pin == now}
        believing = {day for day in seen if built[day].restated}
        rows = _clocked(inputs.frames[source.name], table, source)
        seen_late = _seen(rows.where(back_dated(source)), table, source, CLAIMED, F.col(KNOWN_FROM) - 1)
        concerned = [seen_late, *_decided(rows, table, source, late=True)]
        yield from set(_days(concerned, whole)) & (set(built) - believing)
    versions = {day: pins[day]["version"] for day in believing if "version" in pins[day]}
    where, options = job.config.table(source.table), storage_options(job.config.spark)
    anew = {pin for pin in _versions(pins.values()) if remade(where.path, options, *pin)}
    # What a table that was removed held cannot be compared with what is there now.
    unknown = {day for day in versions if (versions[day], pins[day].get("table")) in anew}
    yield from unknown
    versions = {day: version for day, version in versions.items() if day not in unknown}
    for version, rows in _changes(job, source, sorted(set(versions.values()))):
        changed = _clocked(rows, table, source.as_claimed())
        concerned = [_seen(changed, table, source, KNOWN_FROM, F.lit(None)), *_decided(changed, table, source)]
        days = _days(concerned, whole)
        yield from (day for day in days if versions.get(day, version) < version)


def _versions(pins: Iterable[Mapping[str, Any]]) -> set[tuple[int, str | None]]:
    """The versions of Delta tables that are pinned, with the tables' ids."""
    return {(pin["version"], pin.get("table")) for pin in pins if "version" in pin}


def _clocked(frame: DataFrame, table: FeatureTable, source: Source) -> DataFrame:
    names = dict.fromkeys([*source.clock_columns, *([table.spine.as_of] if _decides(table, source) else [])])
    return with_clock(typed(frame, source, list(names), declared_types(frame, source)), source)


def _changes(job: Job, source: Source, versions: Sequence[int]) -> Iterator[tuple[int, DataFrame]]:
    """The rows that came or went from each version of a source's table to the next and to today's, with the latter.

    Only the newest versions are told apart; what changed before concerns more days than it need. Versions that the
    table's log no longer holds are passed over.
    """
    where, options = job.config.table(source.table), storage_options(job.config.spark)
    steps = [*versions[:1], *versions[1:][-STEPS:]]
    logs = [log for log in (open_log(where.path, options, version) for version in (*steps, None)) if log is not None]
    for before, after in pairwise(logs):
        old, new = ({str(file["path"]).rpartition("/")[2] for file in files(log)} for log in (before, after))
        if old == new:
            continue
        reader = job.spark.read.format("delta")
        came = _of_files(reader.option("versionAsOf", after.version()).load(where.path), new - old)
        went = _of_files(reader.option("versionAsOf", before.version()).load(where.path), old - new)
        came, went = _alike(came, went, source)
        yield after.version(), came.exceptAll(went).unionByName(went.exceptAll(came))


def _alike(came: DataFrame, went: DataFrame, source: Source) -> tuple[DataFrame, DataFrame]:
    """Rows of two versions over their shared columns, which are compared as text where their types have changed.

    Ids and times may have become wider, no other type: which row became which is unknown then.
    """
    shared = [name for name in came.columns if name in went.columns]
    changed = {name for name in shared if came.schema[name].dataType != went.schema[name].dataType}
    faults = [fault for name in source.clock_columns if name in changed
              for fault in key_faults(f"Source '{source.name}': '{name}'", Key(came.schema[name].dataType, "its table"),
                                      Key(went.schema[name].dataType, "an older version of it"))]  # fmt: skip
    refuse_keys(faults)
    whole = changed & set(source.clock_columns)
    taken = {name: "bigint" if name in whole else "string" for name in changed}
    return came.select(*_taken(shared, taken)), went.select(*_taken(shared, taken))


def _taken(names: Sequence[str], types: Mapping[str, str]) -> list[Column]:
    return [
        F.col(quoted(name)).cast(types[name]).alias(name) if name in types else F.col(quoted(name)) for name in names
    ]


def _of_files(frame: DataFrame, names: set[str]) -> DataFrame:
    return frame.where(F.col("_metadata.file_name").isin(sorted(names)))


def _seen(rows: DataFrame, table: FeatureTable, source: Source, known: str, counted: Column) -> DataFrame:
    """The first and the last day, since the epoch, on which a window sees each row that is ``counted`` as known later.

    ``known`` is the column of since when, ``counted`` the last instant at which it was not; null is no bound.
    """
    last = F.least(counted, _left(table, source))
    return rows.select(_day(F.greatest(F.col(known), EVENT_TIME)).alias(FIRST), _day(last).alias(LAST))


def _decides(table: FeatureTable, source: Source) -> bool:
    """Whether rows of the source are the table's, whenever they landed."""
    return isinstance(table.spine, Spine) and source.as_claimed() == table.spine.source.as_claimed()


def _decided(rows: DataFrame, table: FeatureTable, source: Source, late: bool = False) -> list[DataFrame]:
    """The day of each row's decision, twice, where rows of the source are the table's.

    ``late`` ones are those that a night of their day did not see, or not as they claim to have been known first.
    """
    if not _decides(table, source):
        return []
    as_of = as_of_micros(rows, table.spine)
    if late:
        told = rows.where(F.col(CLAIMED).isNotNull())
        first = first_versions(told, str(source.id), CLAIMED) if source.versions else told
        rows = first.where(first_seen(first, source) > as_of)
    return [rows.select(_day(as_of).alias(FIRST), _day(as_of).alias(LAST))]


def _left(table: FeatureTable, source: Source) -> Column:
    """When the last window has lost sight of a row; null for never, or where another version's time decides."""
    reaches = [window.reach for window in _windows(table, source)]
    if source.versions or None in reaches or any(source != one for one in _readers(table, source)):
        return F.lit(None).cast("bigint")
    return F.col(EVENT_TIME) + max((reach for reach in reaches if reach is not None), default=0)


def _readers(table: FeatureTable, source: Source) -> Iterator[Source]:
    return (one for one in table.sources if source in one.read)


def _windows(table: FeatureTable, source: Source) -> Iterator[Window]:
    for group in table.feature_sets:
        if source in group.source.read:
            yield from (feature.window for feature in group.declared)


def _day(instant: Column) -> Column:
    return F.floor(instant / DAY).cast("bigint")


def _days(spans: Sequence[DataFrame], whole: Days) -> Iterator[date]:
    """Every day of some span, within the whole."""
    low, high = ((day - EPOCH).days for day in (whole.first, whole.last))
    first, last = F.greatest(F.col(FIRST), F.lit(low)), F.least(F.col(LAST), F.lit(high))
    cut = reduce(DataFrame.unionByName, spans).select(first.alias(FIRST), last.alias(LAST))
    cut = cut.where(f"{quoted(FIRST)} <= {quoted(LAST)}").distinct()
    for row in cut.select(F.explode(F.sequence(FIRST, LAST)).alias("day")).distinct().collect():
        yield EPOCH + timedelta(days=row.day)
