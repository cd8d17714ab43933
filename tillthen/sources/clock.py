"""The clock of a row: when it happened, and the interval in which it is known.

A row that landed later than it claims to have been known is back-dated: nights that were built before could not see it.
It counts as known from the start of the day whose build was the first that could (contract, section 9).
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.rows import quoted
from tillthen.define.source import Source
from tillthen.sources.times import DAY, micros

EVENT_TIME, KNOWN_FROM, KNOWN_TO = CLOCK = ("__event_time", "__known_from", "__known_to")
CLAIMED = "__claimed"
"""Since when a row of a source with a landed time claims to be known."""

LONGEST_DELAY = 2**62
"""Added to the calendar's last instant it still fits 64 bits, and what it delays is never known."""


def with_clock(frame: DataFrame, source: Source) -> DataFrame:
    """Add the row's own clock: event time, known time with the delay, and retracted time (null for never).

    With a landed time the known time is no earlier than the day of landing, and `CLAIMED` holds what the row says.
    """
    event = _micros(frame, source, source.event_time)
    known = event if source.known_time is None else _micros(frame, source, source.known_time)
    never = F.lit(None).cast("bigint")
    retracted = never if source.retracted_time is None else _micros(frame, source, source.retracted_time)
    delay = F.lit(min(source.delay.micros, LONGEST_DELAY)).cast("bigint")
    own = [event.alias(EVENT_TIME), (known + delay).alias(KNOWN_FROM), retracted.alias(KNOWN_TO)]
    if source.landed_time is None:
        return frame.select("*", *own)
    day = first_seen(frame, source)
    rows = frame.select("*", *own, (known + delay).alias(CLAIMED))
    # A row of unknown landing is never visible, as one of unknown arrival is.
    return rows.withColumn(KNOWN_FROM, F.when(day.isNotNull() & F.col(CLAIMED).isNotNull(), F.greatest(CLAIMED, day)))


def first_seen(frame: DataFrame, source: Source) -> Column:
    """The start of the day whose build was the first that could see a row: when it landed, less ``landing``, by day."""
    assert source.landed_time is not None, "the source says when its rows landed"
    landed = _micros(frame, source, source.landed_time) - F.lit(min(source.landing.micros, LONGEST_DELAY))
    return landed - F.pmod(landed, F.lit(DAY))


def back_dated(source: Source) -> Column:
    """Whether a row claims to have been known on an earlier day than it landed."""
    return F.col(KNOWN_FROM) > F.col(CLAIMED) if source.landed_time else F.lit(False)


def _micros(frame: DataFrame, source: Source, name: str) -> Column:
    return micros(F.col(quoted(name)), frame.schema[name].dataType, source.timezone, source.date_is, "later")


def null_known_time(source: Source) -> dict[str, Column]:
    """Why a row of unknown arrival is never visible; without a declared known time that is its event time's matter."""
    arrivals = [F.col(quoted(name)).isNull() for name in (source.known_time, source.landed_time) if name]
    return {"null_known_time": reduce(or_, arrivals)} if arrivals else {}


def null_event_time(source: Source) -> dict[str, Column]:
    """Why a row that happened at no known time is never visible."""
    return {"null_event_time": F.col(quoted(source.event_time)).isNull()}


def retracted_before_known(source: Source) -> dict[str, Column]:
    """Why a row whose retraction is not after its known time is never visible."""
    return {"retracted_before_known": F.col(KNOWN_TO) <= F.col(KNOWN_FROM)} if source.retracted_time else {}


def never_visible(source: Source) -> dict[str, Column]:
    """Why a row of a source without versions is never visible, whatever the other rows."""
    return {**null_known_time(source), **null_event_time(source), **retracted_before_known(source)}
