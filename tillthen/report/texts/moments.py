"""Times of the facts as people read them; always UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from tillthen.report.texts.numbers import MISSING


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time as UTC; None where it is none.

    >>> moment("2018-07-25T02:00:00+02:00"), moment("soon")
    (datetime.datetime(2018, 7, 25, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def day(at: datetime) -> float:
    """Days since 1970, as matplotlib counts them."""
    return at.timestamp() / 86_400


def when(text: str | None) -> str:
    """A time as short as it can be said; what is no time, as it is.

    >>> when("2018-07-25T00:00:00Z"), when("2018-07-25T13:05:00Z"), when("2018-07-25T13:05:07Z")
    ('2018-07-25', '2018-07-25 13:05', '2018-07-25 13:05:07')
    """
    found = moment(text)
    if found is None:
        return text or MISSING
    form = "%Y-%m-%d"
    if (found.hour, found.minute, found.second, found.microsecond) != (0, 0, 0, 0):
        form += " %H:%M"
    if found.second or found.microsecond:
        form += ":%S"
    return found.strftime(form + (".%f" if found.microsecond else ""))


def window(start: str | None, end: str | None) -> str:
    """A window of time as an interval; an empty one is none.

    >>> window("2018-07-25T00:00:00Z", "2018-08-01T00:00:00Z")
    '[2018-07-25, 2018-08-01)'
    >>> window("2018-07-25T00:00:00Z", "2018-07-25T00:00:00Z")
    '–'
    """
    return MISSING if start == end else f"[{when(start)}, {when(end)})"
