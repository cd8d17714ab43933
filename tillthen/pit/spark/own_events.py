"""Spine rows that are themselves events: they travel once, as both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.pit.partition.stage import AS_OF, SPINE, Stream, key_column
from tillthen.pit.spark.columns import IS_EVENT, column, event_columns
from tillthen.pit.spark.frame import Member, key_columns, of_stream, row_hash
from tillthen.pit.spark.hot_keys import SLICE, HotKeys, here_column, of_spine, place, with_slices
from tillthen.sources.events.clock import never_visible, with_clock
from tillthen.sources.events.prepared import Events
from tillthen.sources.events.tally import VERDICT, judge
from tillthen.sources.reading.times import micros


def same_table(spine: DataFrame, table: DataFrame) -> bool:
    """Whether two frames are the same rows."""
    return table is spine or table.sameSemantics(spine)


def owns(spine: DataFrame, group: FeatureSet, events: Events) -> bool:
    """Whether the events of ``group``, whose source is the spine's table, are the spine's rows, under the same key.

    A row of a source with versions, and one of several identical rows, is an event or not by what other rows say;
    text that is still to be read into types is not the spine's column either.
    """
    if group.source.versions or events.facts["duplicates_collapsed"]:
        return False
    columns = dict(group.rows.columns)
    plain = all(columns[key] in (key, quoted(key)) for key in group.entity)
    types = {field.name: field.dataType for field in spine.schema}
    return plain and all(types[name] == events.frame.schema[name].dataType for name in group.reads)


@dataclass(frozen=True)
class AsOf:
    """The spine's column that holds the instant of the decision, and how one without a zone and a DATE are read."""

    name: str
    timezone: str | None = None
    date_is: str = "end"

    def micros(self, spine: DataFrame) -> Column:
        """The instants; an ambiguous local time is the earlier."""
        return micros(column(self.name), spine.schema[self.name].dataType, self.timezone, self.date_is, "earlier")


def spine_frame(spine: DataFrame, columns: Sequence[str], own: Sequence[Member], as_of: AsOf) -> DataFrame:
    """The spine with `AS_OF` in microseconds and, in hidden columns, the events that its rows themselves are."""
    rows = event_columns(spine, [(member.group, member.stream) for member in own], _clocked) if own else spine
    events = [_here(rows, member.stream, name) for member in own for name in of_stream(member.stream, rows.columns)]
    return rows.select(*map(column, columns), as_of.micros(spine).alias(AS_OF), *events)


def spine_by_key(
    spine: DataFrame,
    own: Sequence[Member],
    entity: Sequence[str],
    as_of: AsOf,
    partitions: int,
    hot: HotKeys | None,
) -> DataFrame:
    """A spine whose rows are all the events there are of an entity, shuffled before it is put together with them.

    Rows of hot keys are there once for each slice that they reach, with columns (`here_column`)
    that say what they are there.
    """
    keys = key_columns(spine, entity)
    by_hash = row_hash(keys, column(as_of.name))
    if hot is None:
        return spine.repartition(partitions, by_hash)
    frame = spine_frame(spine, spine.columns, own, as_of).select("*", *keys)
    streams = [member.stream for member in own]
    names = [key_column(i) for i in range(len(keys))]
    spread = with_slices(frame, names, F.lit(True), F.col(AS_OF), streams, hot)
    marks = [here_column(kind) for kind in (SPINE, *(stream.column for stream in streams))]
    read = {name.lower() for name in (as_of.name, *entity, *chain(*(member.group.reads for member in own)))}
    kept = [column(name) if name.lower() in read else of_spine(spine, name) for name in spine.columns]
    return place(spread.select(*kept, *marks, SLICE), partitions, len(hot.slices), by_hash)


def _here(rows: DataFrame, stream: Stream, name: str) -> Column:
    """A column of a stream; rows are no events where they are none in their slice."""
    mark = here_column(stream.column)
    here = name == stream.column and mark in rows.columns
    return (column(name) & F.col(mark)).alias(name) if here else column(name)


def _clocked(rows: DataFrame, source: Source) -> DataFrame:
    """Add the clock of each row, and whether it is ever visible."""
    return judge(with_clock(rows, source), never_visible(source)).withColumn(IS_EVENT, F.col(VERDICT) == 0)
