"""The clock of a row: when it happened, and the interval in which it is known.

A row that landed later than it claims to have been known is back-dated: it counts as known when it landed (contract,
section 9). Where the source says how long a day's rows may take to land, one that lands within that time after the day
of its claim keeps its claim: the build of that day, which waits so long, sees it.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.source import Source
from tillthen.sources.reading.times import DAY, EARLIEST, LATEST, micros, saturated, unbounded

EVENT_TIME, KNOWN_FROM, KNOWN_TO = CLOCK = ("__event_time", "__known_from", "__known_to")
CLAIMED = "__claimed"
"""Since when a row of a source with a landed time claims to be known."""

LONGEST = 2**62
"""Longest span of time that is added to an instant: what it delays is never known."""
LAST_MICRO = 2**63 - 1


def with_clock(frame: DataFrame, source: Source) -> DataFrame:
    """Add the row's own clock: event time, known time with the delay, and retracted time (null for never).

    With a landed time the known time is the later of what the row claims, which `CLAIMED` holds, and when it landed,
    unless it landed in time.
    """
    name = source.event_time
    event = micros(F.col(quoted(name)), frame.schema[name].dataType, source.timezone, source.date_is, "later")
    claimed = _delayed(_instant(frame, source, source.known_time) if source.known_time else event, source)
    never = F.lit(None).cast("bigint")
    retracted = _instant(frame, source, source.retracted_time) if source.retracted_time else never
    own = [event.alias(EVENT_TIME), claimed.alias(KNOWN_FROM), retracted.alias(KNOWN_TO)]
    if source.landed_time is None:
        return frame.select("*", *own)
    rows, landed = frame.select("*", *own, claimed.alias(CLAIMED)), landed_at(frame, source)
    known = F.greatest(CLAIMED, landed)
    if source.landing is not None:
        known = F.when(first_seen(frame, source) <= F.col(CLAIMED), F.col(CLAIMED)).otherwise(known)
    # A row of unknown landing is never visible, as one of unknown arrival is.
    return rows.withColumn(KNOWN_FROM, F.when(landed.isNotNull() & F.col(CLAIMED).isNotNull(), known))


def landed_at(frame: DataFrame, source: Source) -> Column:
    """When a row came into the table, in microseconds; a DATE is its end, whatever other DATEs of the source mean."""
    name = source.landed_time
    assert name is not None, "the source says when its rows landed"
    return unbounded(F.col(quoted(name)), frame.schema[name].dataType, source.timezone, "end")


def first_seen(frame: DataFrame, source: Source) -> Column:
    """The start of the day whose build was the first that could see a row: when it landed, less ``landing``, by day."""
    grace = 0 if source.landing is None else min(source.landing.micros, LONGEST)
    landed = saturated(landed_at(frame, source), EARLIEST, LATEST) - F.lit(grace)
    return landed - F.pmod(landed, F.lit(DAY))


def back_dated(source: Source) -> Column:
    """Whether a row claims to have been known earlier than it counts as known."""
    return F.col(KNOWN_FROM) > F.col(CLAIMED) if source.landed_time else F.lit(False)


def _delayed(known: Column, source: Source) -> Column:
    """The known time with the source's delay, at most the last instant there is."""
    delay = min(source.delay.micros, LONGEST)
    if delay == 0:
        return known  # most sources: every row's clock would be worked out three times
    return known + F.least(F.lit(delay).cast("bigint"), F.lit(LAST_MICRO) - F.greatest(known, F.lit(0)))


def _instant(frame: DataFrame, source: Source, name: str) -> Column:
    return unbounded(F.col(quoted(name)), frame.schema[name].dataType, source.timezone, source.date_is)


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
