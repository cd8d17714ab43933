"""Instants: every kind of time column as microseconds since 1970-01-01T00:00:00Z.

The expressions do not depend on the session's time zone. Times of events and decisions outside the years 0001 to 9999
saturate; those that are compared with each other do not.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DateType, TimestampNTZType, TimestampType

from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence
from tillthen.runtime.compat import SPARK_4

DAY = 86_400_000_000
EARLIEST, LATEST = -719_162 * DAY, 2_932_897 * DAY - 1
CALENDAR = "0001-01-01", "9999-12-31 23:59:59.999999"
FARTHEST = 2**62
"""An instant some 146,000 years from 1970: to and from it, and by as much, times move without leaving 64 bits."""

Prefer = Literal["later", "earlier"]


def unix_micros(time: datetime) -> int:
    """A time with a zone as microseconds since the epoch."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def micros(column: Column, type: DataType, timezone: str | None, date_is: str, prefer: Prefer) -> Column:
    """The instant of a time column, a bigint; null stays null.

    A TIMESTAMP is an instant. A TIMESTAMP_NTZ is read in ``timezone``, without which it is refused. A DATE means the
    last microsecond of that day in ``timezone`` (UTC where not given), or its first with ``date_is="start"``.

    An ambiguous local time (clocks set back) and one that never was (clocks set forward) have two readings, with the
    offset before and after the change; ``prefer`` chooses: "later" for events, also for when they were known and
    retracted, since nothing may be learned early; "earlier" for an ``as_of``.
    """
    _refuse_others(column, type, timezone)
    if isinstance(type, TimestampType):
        return saturated(F.unix_micros(column), EARLIEST, LATEST)
    return _instant(_local(column, type, date_is, EARLIEST, LATEST), timezone, prefer)


def unbounded(column: Column, type: DataType, timezone: str | None, date_is: str) -> Column:
    """The instant of a time column as `micros` has it of events, beyond the calendar too.

    Known and retracted times are compared with each other: of two beyond the year 9999 the later stays the later.
    """
    _refuse_others(column, type, timezone)
    if isinstance(type, TimestampType):
        return F.unix_micros(column)
    return _instant(_local(column, type, date_is, -FARTHEST, FARTHEST), timezone, "later")


def _refuse_others(column: Column, type: DataType, timezone: str | None) -> None:
    fault = time_fault(type, timezone)
    if fault:
        name = str(column).removeprefix("Column<'").removesuffix("'>")
        raise DataContractError(sentence(f"Time '{name}'", expected=fault, got=type.simpleString(), fix=TIME_FIX))


TIME_FIX = "Declare timezone= for times without a zone, for example 'Europe/London'."


def time_fault(type: DataType, timezone: str | None) -> str | None:
    """What was expected instead of a column of this type as a time; None where it is one."""
    if timezone is not None:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise DefinitionError(sentence("A time zone", expected="an IANA zone", got=repr(timezone),
                                           fix="Use for example 'Europe/London' or 'UTC'.")) from None  # fmt: skip
    if isinstance(type, TimestampNTZType) and timezone is None:
        return "a time with a zone, or a declared timezone"
    if isinstance(type, TimestampType | TimestampNTZType | DateType):
        return None
    return "timestamp, timestamp_ntz or date"


def saturated(column: Column, least: Column | int, greatest: Column | int) -> Column:
    """A value, or the nearer end of a range that it is outside of; null stays null."""
    return F.when(column < least, least).when(column > greatest, greatest).otherwise(column)


def _local(column: Column, type: DataType, date_is: str, least: int, greatest: int) -> Column:
    """What clocks showed, in microseconds, of a DATE or a TIMESTAMP_NTZ, within a range."""
    if isinstance(type, TimestampNTZType):
        return saturated(_wall_clock(column), least, greatest)
    days = saturated(F.unix_date(column), least // DAY, greatest // DAY).cast("bigint")
    return days * DAY + (DAY - 1 if date_is == "end" else 0)


def _wall_clock(column: Column) -> Column:
    """Microseconds of a TIMESTAMP_NTZ; a cast to TIMESTAMP would read it in the session's time zone.

    Spark 3.5 makes no number of intervals beyond 31,000 years: there they end with the calendar.
    """
    if not SPARK_4:
        column = saturated(column, *(F.lit(text).cast("timestamp_ntz") for text in CALENDAR))
    since = (column - F.lit("1970-01-01").cast("timestamp_ntz")).cast("interval second")
    return (since.cast("decimal(20, 6)") * 1_000_000).cast("bigint")


def _instant(local: Column, timezone: str | None, prefer: Prefer) -> Column:
    """The instant at which clocks in the zone show ``local``, the microseconds of a wall clock.

    Spark's own reading is the earlier of two where the time is ambiguous, and the later where it never was: the one
    with the offset before the change. The other has the offset after, which is in force a day later: no zone ever
    changed its clocks twice in two days.
    """
    if timezone in (None, "UTC", "Etc/UTC"):
        return local
    before, after = _to_utc(local, timezone), _to_utc(local + DAY, timezone) - DAY
    if prefer == "later":
        return F.greatest(before, F.when(_from_utc(after, timezone) == local, after))
    return F.coalesce(F.when(_from_utc(before, timezone) == local, before), after)


def _to_utc(local: Column, timezone: str | None) -> Column:
    return F.unix_micros(F.to_utc_timestamp(F.timestamp_micros(local), str(timezone)))


def _from_utc(instant: Column, timezone: str | None) -> Column:
    return F.unix_micros(F.from_utc_timestamp(F.timestamp_micros(instant), str(timezone)))
