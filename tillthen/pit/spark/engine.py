"""Point-in-time features in Spark: one shuffle an entity, whatever the number of windows and features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.stage import AS_OF
from tillthen.pit.partition.task_sizes import TASK_ROWS, rows_a_task
from tillthen.pit.spark.columns import column
from tillthen.pit.spark.derived import derive
from tillthen.pit.spark.features import with_features
from tillthen.pit.spark.frame import IS_SPINE, Member, by_key, key_times, stage_rows, stream_of
from tillthen.pit.spark.hot_keys import crowded_buckets, find_hot_keys
from tillthen.pit.spark.own_events import AsOf, owns, same_table, spine_by_key, spine_frame
from tillthen.pit.spark.source_rows import events_of, table_of
from tillthen.pit.spark.spine import OnNullTime, check_names, inspect
from tillthen.sources.events.prepared import Events


@dataclass(frozen=True)
class PointInTime:
    """A spine with its features, and what was counted on the way: rows, dropped and collapsed events."""

    frame: DataFrame
    facts: dict[str, dict[str, int]]


def compute(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    sources: Mapping[str, DataFrame],
    *,
    as_of: str = "as_of",
    columns: Sequence[str] | None = None,
    unique: Collection[str] = (),
    timezone: str | None = None,
    date_is: str = "end",
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
    slice_rows: int = TASK_ROWS,
) -> PointInTime:
    """The spine with its features, as `tillthen.point_in_time` says, and the facts of the run.

    ``columns`` of ``spine`` are the spine, where not all are: the others serve sources that are given as the very same
    frame, whose events then travel with the spine's rows. ``unique`` names sources whose ids are known to be unique.
    Keys with more rows than ``slice_rows``, fewer where features are long lists, are cut by time
    (`tillthen.pit.spark.hot_keys`); it changes no result.
    """
    session = spine.sparkSession
    columns = list(columns or spine.columns)
    check_names(spine.select(*map(column, columns)), feature_sets, as_of)
    instant = AsOf(as_of, timezone, date_is)
    base = spine_frame(spine, columns, [], instant)
    limits = {entity: rows_a_task([group for group in feature_sets if group.entity == entity], slice_rows)
              for entity in dict.fromkeys(group.entity for group in feature_sets)}  # fmt: skip
    inspected = inspect(base, feature_sets, as_of, on_null_time, limits)
    computed = [group for group in feature_sets if group.declared]
    tables = {group.source.name: table_of(session, group.source, sources) for group in computed}
    same = {name for name, table in tables.items() if same_table(spine, table)}
    events = events_of(computed, tables, same, unique, inspected)
    members = _members(spine, computed, events, same)
    stages = {entity: [member for member in members if member.group.entity == entity]
              for entity in dict.fromkeys(group.entity for group in computed)}  # fmt: skip
    rows = {entity: inspected.facts["rows"] + _rows_apart(here, events) for entity, here in stages.items()}
    wide = {entity: partitions or _partitions(session, rows[entity], stages[entity]) for entity in stages}
    large = {entity: key_times(base, here) for entity, here in stages.items() if rows[entity] > limits[entity]}
    known = {entity: inspected.crowded[entity] for entity in large if _all_own(stages[entity])}
    asked = crowded_buckets({entity: frames for entity, frames in large.items() if entity not in known}, limits)
    hot = find_hot_keys(large, known | asked, limits)
    own = [member for member in members if member.own]
    # The first shuffle comes before what travels to the workers is put together, which takes more bytes, if it can.
    early = next(iter(stages), None)
    if early is not None and _all_own(stages[early]):
        spine = spine_by_key(spine, stages[early], early, instant, wide[early], hot.get(early))
        columns += [IS_SPINE] if early in hot else []
    else:
        early = None
    frame = spine_frame(spine, columns, own, instant)
    for entity, here in stages.items():
        found = stage_rows(frame, here)
        keyed = found if entity == early else by_key(found, wide[entity], hot.get(entity))
        frame = with_features(keyed, last=entity == [*stages][-1])
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
        found.append(Member(group, of_source.frame, stream_of(group, f"__events{i}"), own))
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


def _partitions(spark: SparkSession, rows: int, members: Sequence[Member]) -> int:
    return max(spark.sparkContext.defaultParallelism, -(-rows // rows_a_task([one.group for one in members])))
