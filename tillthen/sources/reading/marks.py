"""Watermarks: how they are written, and which of them lie beyond now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from pyspark.sql.types import DataType, DateType, TimestampNTZType, TimestampType

Mark = int | Decimal | date | datetime
"""A value of a watermark."""

EAST = timedelta(hours=14)
"""Local times are so far ahead of UTC at most; in which zone a time without one is, only its source declares."""


def literal(mark: Mark | None) -> str:
    """A watermark as the SQL standard writes it."""
    match mark:
        case datetime() if mark.tzinfo is not None:
            return f"TIMESTAMP WITH TIME ZONE '{mark.isoformat(sep=' ')}'"
        case datetime():
            return f"TIMESTAMP '{mark.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{mark.isoformat()}'"
    return str(mark)


def latest(type: DataType | None) -> str | None:
    """The greatest mark of a type that is not beyond now, as SQL; None where it is no time.

    Of instants it is the database's own clock that says what is now.
    """
    now = datetime.now(UTC).replace(tzinfo=None) + EAST
    match type:
        case TimestampType():
            return "CURRENT_TIMESTAMP"
        case TimestampNTZType():
            return literal(now)
        case DateType():
            return literal(now.date())
    return None


def earliest(type: DataType | None) -> str | None:
    """The first time of a type that an increment can begin at, as SQL; None where it is no time.

    PostgreSQL's -infinity, and years before the first, are before it.
    """
    first = datetime.min.replace(tzinfo=UTC)
    match type:
        case TimestampType():
            return literal(first)
        case TimestampNTZType():
            return literal(first.replace(tzinfo=None))
        case DateType():
            return literal(first.date())
    return None


def mark_of(text: str, type: DataType) -> Mark:
    """A mark out of the text that ``str`` gives of it."""
    if isinstance(type, TimestampType | TimestampNTZType):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if isinstance(type, DateType) else Decimal(text)
