"""Only the rows that can matter: by event time, and by a partition column that follows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DateType, TimestampNTZType, TimestampType

from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.source import Source
from tillthen.sources.reading.times import DAY, EARLIEST, LATEST

MARGIN = 2 * DAY
"""Wider than any time zone's offset and the day that a date stands for; what is read too much counts for nothing."""


def happened_between(table: DataFrame, source: Source, first: int | None, last: int | None) -> DataFrame:
    """The rows of a source's table whose event time may lie in [first, last], in microseconds; None is no bound.

    Rows without an event time stay: they are counted.
    With versions, every one of an id must be seen or none, so that only an ``immutable_event_time`` prunes. Text that
    is still to be read as a time does not.
    """
    if source.versions and not source.immutable_event_time:
        return table
    kept = table
    for name in filter(None, (source.event_time, source.event_date)):
        if name not in table.columns:
            continue
        for bound, at_least in ((first, True), (last, False)):
            edge = None if bound is None else _edge(table.schema[name].dataType, bound, -MARGIN if at_least else MARGIN)
            if edge is not None:
                column = F.col(quoted(name))
                kept = kept.where((column >= edge if at_least else column <= edge) | column.isNull())
    return kept


def _edge(type: DataType, bound: int, margin: int) -> Column | None:
    """A literal of the column's own type, so that the scan can use it; none near the calendar's ends."""
    moved = bound + margin
    if not EARLIEST + MARGIN < moved < LATEST - MARGIN:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moved)
    match type:
        case TimestampType():
            return F.lit(at)
        case TimestampNTZType():
            return F.lit(at.replace(tzinfo=None).isoformat(" ")).cast("timestamp_ntz")
        case DateType():
            return F.lit(at.date())
        case _:
            return None
