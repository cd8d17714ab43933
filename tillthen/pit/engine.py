"""Point-in-time features in Spark: one shuffle an entity, whatever the number of windows and features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    IntegralType,
    LongType,
    StructField,
    StructType,
)

from tillthen.define.aggregation import KINDS
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import quoted
from tillthen.pit.columns import column
from tillthen.pit.derived import derive
from tillthen.pit.frame import IS_SPINE, Member, by_key, key_times, stage_frame
from tillthen.pit.hot import SLICE_ROWS, crowded_buckets, find_hot_keys
from tillthen.pit.own import owns, same_table, spine_by_key, spine_frame
from tillthen.pit.reading import events_of, table_of
from tillthen.pit.spine import OnNullTime, check_names, inspect
from tillthen.pit.stage import AS_OF, SPINE, Stage, field_column, key_column
from tillthen.pit.worker import run
from tillthen.runtime.compat import beside
from tillthen.sources.events import Events

ROWS_A_PARTITION = 500_000


@dataclass(frozen=True)
class PointInTime:
    """A spine with its features, and what was counted on the way: rows, dropped and collapsed events."""

    frame: DataFrame
    facts: dict[str, dict[str, int]]


def point_in_time(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    *,
    sources: Mapping[str, DataFrame] | None = None,
    as_of: str = "as_of",
    timezone: str | None = None,
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
) -> DataFrame:
    """The spine's rows, each once, with its features as they were known at ``as_of``.

    An event is visible to a row where event_time < as_of (or <= with ``closed="right"``), known_time <= as_of and
    retracted_time is null or > as_of; see `tillthen.define.window.Window` for the windows.

    Parameters
    ----------
    spine
        The rows to predict for, with the entities' keys.
    feature_sets
        What to compute.
    sources
        Frames by the name of a source or its table; others are read from the session's catalogue.
    as_of
        The spine's column that holds the instant of the decision.
    timezone
        Zone of ``as_of`` where it carries none; an ambiguous local time is the earlier instant.
    on_null_time
        ``"refuse"`` a spine with null ``as_of``, or ``"keep"`` such rows without features.
    partitions
        Of the shuffles; by the number of rows where not given. It changes no result.
    """
    frames = dict(sources or {})
    return compute(
        spine, feature_sets, frames, as_of=as_of, timezone=timezone, on_null_time=on_null_time, partitions=partitions
    ).frame


def compute(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    sources: Mapping[str, DataFrame],
    *,
    as_of: str = "as_of",
    columns: Sequence[str] | None = None,
    unique: Collection[str] = (),
    timezone: str | None = None,
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
    slice_rows: int = SLICE_ROWS,
) -> PointInTime:
    """As `point_in_time`, with the facts of the run.

    ``columns`` of ``spine`` are the spine, where not all are: the others serve sources that are given as the very same
    frame, whose events then travel with the spine's rows. ``unique`` names sources whose ids are known to be unique.
    Keys with more rows than ``slice_rows`` are cut by time (`tillthen.pit.hot`); it changes no result.
    """
    session = spine.sparkSession
    columns = list(columns or spine.columns)
    check_names(spine.select(*map(column, columns)), feature_sets, as_of)
    base = spine_frame(spine, columns, {}, as_of, timezone)
    inspected = inspect(base, feature_sets, as_of, on_null_time, slice_rows)
    computed = [group for group in feature_sets if group.declared]
    tables = {group.source.name: table_of(session, group.source, sources) for group in computed}
    same = {name for name, table in tables.items() if same_table(spine, table)}
    events = events_of(computed, tables, same, unique, inspected)
    members = _members(spine, computed, events, same)
    stages = {entity: [member for member in members if member.group.entity == entity]
              for entity in dict.fromkeys(group.entity for group in computed)}  # fmt: skip
    rows = {entity: inspected.facts["rows"] + _rows_apart(here, events) for entity, here in stages.items()}
    wide = {entity: partitions or _partitions(session, rows[entity]) for entity in stages}
    large = {entity: key_times(base, here) for entity, here in stages.items() if rows[entity] > slice_rows}
    known = {entity: inspected.crowded[entity] for entity in large if _all_own(stages[entity])}
    asked = crowded_buckets({entity: frames for entity, frames in large.items() if entity not in known}, slice_rows)
    hot = find_hot_keys(large, known | asked, slice_rows)
    own = {member.own: member.group for member in members if member.own}
    # The first shuffle comes before what travels to the workers is put together, which takes more bytes, if it can.
    early = next(iter(stages), None)
    if early is not None and _all_own(stages[early]):
        its = {name: group for name, group in own.items() if group.entity == early}
        spine = spine_by_key(spine, its, early, as_of, timezone, wide[early], hot.get(early))
        columns += [IS_SPINE] if early in hot else []
    else:
        early = None
    frame = spine_frame(spine, columns, own, as_of, timezone)
    for entity, here in stages.items():
        stage, joined = stage_frame(frame, here)
        keyed = joined if entity == early else by_key(joined, stage, wide[entity], hot.get(entity))
        frame = _apply(keyed, stage)
    split = {hot_fact(entity): {"keys": found.keys, "slices": len(found.slices)} for entity, found in hot.items()}
    facts = {"spine": inspected.facts, **{name: found.facts for name, found in events.items()}, **split}
    derived = {name: text for group in feature_sets for name, text in group.derived.items()}
    return PointInTime(derive(frame.drop(AS_OF), derived), facts)


def _members(
    spine: DataFrame, sets: Sequence[FeatureSet], events: Mapping[str, Events], same: Collection[str]
) -> list[Member]:
    """The feature sets with their events; ``same`` are sources whose table is the spine's."""
    found = []
    for i, group in enumerate(sets):
        of_source = events[group.source.name]
        own = group.source.name in same and owns(spine, group, of_source)
        found.append(Member(group, of_source.frame, f"__own{i}" if own else None))
    return found


def _all_own(members: Sequence[Member]) -> bool:
    """Whether the spine's rows are all that there is to an entity."""
    return all(member.own for member in members)


def _rows_apart(members: Sequence[Member], events: Mapping[str, Events]) -> int:
    """How many rows travel as events beside the spine's."""
    return sum(events[name].facts["rows"] for name in {one.group.source.name for one in members if not one.own})


def hot_fact(entity: Sequence[str]) -> str:
    """The name under which the facts say how many keys of an entity were cut by time, and into how many slices."""
    return f"hot {', '.join(entity)}"


def _apply(joined: DataFrame, stage: Stage) -> DataFrame:
    """The spine's rows with the stage's features, made partition by partition."""
    given = []
    for stream in stage.streams:
        fields = cast(StructType, joined.schema[stream.column].dataType)
        for feature in stream.features:
            taken = fields[stream.value_field(feature.column)].dataType if feature.column else None
            given.append(StructField(feature.name, _result_type(feature.kind, taken)))

    read = {key_column(i): F.col(key_column(i)) for i in range(len(stage.keys))} | _flat(SPINE, stage.spine_fields)
    for stream in stage.streams:
        read |= _flat(stream.column, cast(StructType, joined.schema[stream.column].dataType).names)
    return beside(joined, SPINE, read, partial(run, stage), StructType(given))


def _flat(kind: str, fields: Sequence[str]) -> dict[str, Column]:
    """Whether a row is of a kind, and its fields, as the worker takes them: writing structs row by row is slow."""
    here = {kind: F.col(kind).isNotNull()}
    return here | {field_column(kind, name): F.col(f"{kind}.{quoted(name)}") for name in fields}


def _result_type(kind: str, taken: DataType | None) -> DataType:
    """The type of an aggregation's result, of the type that it takes."""
    gives = KINDS[kind].gives
    if gives == "bigint":
        return LongType()
    if gives == "double" or taken is None:
        return DoubleType()
    if gives == "same":
        return taken
    if gives == "list":
        return ArrayType(taken)
    if gives == "boolean":
        return BooleanType()
    if isinstance(taken, DecimalType):
        return DecimalType(38, taken.scale)
    return LongType() if isinstance(taken, IntegralType) else DoubleType()


def _partitions(spark: SparkSession, rows: int) -> int:
    return max(spark.sparkContext.defaultParallelism, -(-rows // ROWS_A_PARTITION))
