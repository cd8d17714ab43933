"""Spine rows that are themselves events: they travel once, as both."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.pit.partition.stage import AS_OF, Stream
from tillthen.pit.spark.asked import AsOf
from tillthen.pit.spark.columns import IS_EVENT, column, event_columns
from tillthen.pit.spark.members import Member, of_stream
from tillthen.pit.spark.slices import here_column
from tillthen.sources.events.clock import never_visible, with_clock
from tillthen.sources.events.prepared import Events
from tillthen.sources.events.tally import VERDICT, judge


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


def with_own_events(spine: DataFrame, columns: Sequence[str], own: Sequence[Member], as_of: AsOf) -> DataFrame:
    """The spine with `AS_OF` in microseconds and, in hidden columns, the events that its rows themselves are."""
    rows = event_columns(spine, [(member.group, member.stream) for member in own], _clocked) if own else spine
    events = [_here(rows, member.stream, name) for member in own for name in of_stream(member.stream, rows.columns)]
    return rows.select(*map(column, columns), as_of.micros(spine).alias(AS_OF), *events)


def _here(rows: DataFrame, stream: Stream, name: str) -> Column:
    """A column of a stream; rows are no events where they are none in their slice."""
    mark = here_column(stream.column)
    here = name == stream.column and mark in rows.columns
    return (column(name) & F.col(mark)).alias(name) if here else column(name)


def _clocked(rows: DataFrame, source: Source) -> DataFrame:
    """Add the clock of each row, and whether it is ever visible."""
    return judge(with_clock(rows, source), never_visible(source)).withColumn(IS_EVENT, F.col(VERDICT) == 0)
