"""The step that groups: feature sets with their prepared events, by entity. No rows move, sources are counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.task_sizes import rows_a_task
from tillthen.pit.spark.entity import Entity
from tillthen.pit.spark.members import Member, stream_of
from tillthen.pit.spark.own_events import owns, same_table
from tillthen.pit.spark.source_rows import events_of, table_of
from tillthen.pit.spark.spine import Inspected
from tillthen.sources.events.prepared import Events


@dataclass(frozen=True)
class Group:
    """The feature sets of one entity, which one shuffle brings together with the spine.

    ``rows`` are the spine's and those that travel beside it as events, ``partitions`` what they are shuffled into.
    """

    entity: Entity
    members: tuple[Member, ...]
    rows: int
    partitions: int

    @property
    def all_own(self) -> bool:
        """Whether the spine's rows are all that there is to the entity."""
        return all(member.own for member in self.members)


@dataclass(frozen=True)
class Grouped:
    """An inspected spine with what is to be joined to it, entity by entity, in the order of their declaration."""

    inspected: Inspected
    events: Mapping[str, Events]
    members: tuple[Member, ...]
    groups: tuple[Group, ...]


def grouped(
    inspected: Inspected, sources: Mapping[str, DataFrame], unique: Collection[str], partitions: int | None
) -> Grouped:
    """The feature sets that compute something, with the events of their sources as far as their windows reach."""
    spine = inspected.asked.spine
    sets = [group for group in inspected.asked.sets if group.declared]
    tables = {group.source.name: table_of(spine.sparkSession, group.source, sources) for group in sets}
    same = {name for name, table in tables.items() if same_table(spine, table)}
    events = events_of(sets, tables, same, unique, inspected)
    members = _members(spine, sets, events, same)
    groups = []
    for entity in dict.fromkeys(group.entity for group in sets):
        here = tuple(member for member in members if member.group.entity == entity)
        rows = inspected.facts["rows"] + _rows_apart(here, events)
        groups.append(Group(entity, here, rows, partitions or _partitions(spine, rows, here)))
    return Grouped(inspected, events, members, tuple(groups))


def _members(
    spine: DataFrame, sets: Sequence[FeatureSet], events: Mapping[str, Events], same: Collection[str]
) -> tuple[Member, ...]:
    """The feature sets with their events; ``same`` are sources whose table is the spine's."""
    found = []
    for i, group in enumerate(sets):
        of_source = events[group.source.name]
        own = group.source.name in same and owns(spine, group, of_source)
        found.append(Member(group, of_source.frame, stream_of(group, f"__events{i}"), own))
    return tuple(found)


def _rows_apart(members: Sequence[Member], events: Mapping[str, Events]) -> int:
    """How many rows travel as events beside the spine's."""
    return sum(events[name].facts["rows"] for name in {one.group.source.name for one in members if not one.own})


def _partitions(spine: DataFrame, rows: int, members: Sequence[Member]) -> int:
    a_task = rows_a_task([one.group for one in members])
    return max(spine.sparkSession.sparkContext.defaultParallelism, -(-rows // a_task))
