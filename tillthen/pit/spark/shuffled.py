"""The step that shuffles: rows go to the partition of their key, those of a key that is cut to the one of their slice.

Mostly the spine and the events beside it are put together first. A spine whose rows are all the events there are of the
first entity is shuffled before its columns of events are made, which takes more bytes behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.pit.partition.stage import AS_OF, SPINE, key_column
from tillthen.pit.spark.asked import Asked
from tillthen.pit.spark.columns import column
from tillthen.pit.spark.entity import key_columns, row_hash
from tillthen.pit.spark.frame import IS_SPINE, Spine, StageRows
from tillthen.pit.spark.grouped import Group
from tillthen.pit.spark.hot_keys import Cut
from tillthen.pit.spark.members import Member
from tillthen.pit.spark.own_events import with_own_events
from tillthen.pit.spark.slices import SLICE, HotKeys, here_column, of_spine, place, sliced, with_slices


def begun(cut: Cut) -> Spine:
    """The spine with the events that its rows are, shuffled by the first entity already where that can be."""
    asked, own = cut.asked, [member for member in cut.grouped.members if member.own]
    first = next(iter(cut.grouped.groups), None)
    if first is None or not first.all_own:
        return Spine(with_own_events(asked.spine, asked.columns, own, asked.as_of))
    hot = cut.hot.get(first.entity)
    rows = _spine_by_key(asked, first, hot)
    columns = [*asked.columns, *([IS_SPINE] if hot else [])]
    return Spine(with_own_events(rows, columns, own, asked.as_of), placed_by=first.entity)


def _spine_by_key(asked: Asked, group: Group, hot: HotKeys | None) -> DataFrame:
    """A spine whose rows are all the events there are of an entity, shuffled by it.

    Rows of hot keys are there once for each slice that they reach, with columns (`here_column`)
    that say what they are there.
    """
    spine, keys = asked.spine, key_columns(asked.spine, group.entity)
    by_hash = row_hash(keys, column(asked.as_of.name))
    if hot is None:
        return spine.repartition(group.partitions, by_hash)
    own = group.members
    frame = with_own_events(spine, spine.columns, own, asked.as_of).select("*", *keys)
    streams = [member.stream for member in own]
    names = [key_column(i) for i in range(len(keys))]
    spread = with_slices(frame, names, F.lit(True), F.col(AS_OF), streams, hot)
    marks = [here_column(kind) for kind in (SPINE, *(stream.column for stream in streams))]
    read = _read(asked, own)
    kept = [column(name) if name.lower() in read else of_spine(spine, name) for name in spine.columns]
    return place(spread.select(*kept, *marks, SLICE), group.partitions, len(hot.slices), by_hash)


def _read(asked: Asked, own: Sequence[Member]) -> set[str]:
    """The columns, in small letters, that a copy of a row needs to be an event in another slice."""
    entity = own[0].group.entity
    return {name.lower() for name in (asked.as_of.name, *entity, *chain(*(member.group.reads for member in own)))}


def shuffled(found: StageRows, cut: Cut) -> StageRows:
    """All rows of a key in one partition, but hot keys by slices; rows without a key are spread by their ``as_of``."""
    if found.placed:
        return found
    hot = cut.hot.get(found.group.entity)
    keys = [key_column(i) for i in range(len(found.stage.keys))]
    by_hash = row_hash([F.col(key) for key in keys], F.col(AS_OF))
    if hot is None:
        return replace(found, rows=found.rows.repartition(found.group.partitions, by_hash), placed=True)
    spread = sliced(found.rows, found.kept, keys, found.stage.streams, hot)
    return replace(found, rows=place(spread, found.group.partitions, len(hot.slices), by_hash), placed=True)
