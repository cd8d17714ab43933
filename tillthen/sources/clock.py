"""The clock of a row: when it happened, and the interval in which it is known."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.rows import quoted
from tillthen.define.source import Source
from tillthen.sources.times import micros

EVENT_TIME, KNOWN_FROM, KNOWN_TO = CLOCK = ("__event_time", "__known_from", "__known_to")

LONGEST_DELAY = 2**62
"""Added to the calendar's last instant it still fits 64 bits, and what it delays is never known."""


def with_clock(frame: DataFrame, source: Source) -> DataFrame:
    """Add the row's own clock: event time, known time with the delay, and retracted time (null for never)."""
    event = _micros(frame, source, source.event_time)
    known = event if source.known_time is None else _micros(frame, source, source.known_time)
    never = F.lit(None).cast("bigint")
    retracted = never if source.retracted_time is None else _micros(frame, source, source.retracted_time)
    delay = F.lit(min(source.delay.micros, LONGEST_DELAY)).cast("bigint")
    return frame.select("*", event.alias(EVENT_TIME), (known + delay).alias(KNOWN_FROM), retracted.alias(KNOWN_TO))


def _micros(frame: DataFrame, source: Source, name: str) -> Column:
    return micros(F.col(quoted(name)), frame.schema[name].dataType, source.timezone, source.date_is, "later")


def null_known_time(source: Source) -> dict[str, Column]:
    """Why a row of unknown arrival is never visible; without a declared known time that is its event time's matter."""
    return {"null_known_time": F.col(quoted(source.known_time)).isNull()} if source.known_time else {}


def null_event_time(source: Source) -> dict[str, Column]:
    """Why a row that happened at no known time is never visible."""
    return {"null_event_time": F.col(quoted(source.event_time)).isNull()}


def retracted_before_known(source: Source) -> dict[str, Column]:
    """Why a row whose retraction is not after its known time is never visible."""
    return {"retracted_before_known": F.col(KNOWN_TO) <= F.col(KNOWN_FROM)} if source.retracted_time else {}
