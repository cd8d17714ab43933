"""Days of a feature table: what a night builds, and what a backfill builds together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tillthen.define.faults.errors import UsageError, sentence

ONE = timedelta(days=1)
EPOCH = date(1970, 1, 1)
DAY = 86_400_000_000


@dataclass(frozen=True, order=True)
class Days:
    """The days from ``first`` to ``last``, both included, in UTC."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise UsageError(sentence("A span of days", expected="one that ends no earlier than it starts", got=self))

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * ONE for n in range(len(self)))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def micros(self) -> tuple[int, int]:
        """The first and the last microsecond since the epoch."""
        return (self.first - EPOCH).days * DAY, ((self.last - EPOCH).days + 1) * DAY - 1

    @property
    def ended(self) -> datetime:
        """When the last day is over."""
        return datetime.combine(self.last + ONE, datetime.min.time(), UTC)


def last_over(at: datetime) -> date:
    """The last day that is over in UTC at an instant."""
    return at.astimezone(UTC).date() - ONE


def parse(text: str) -> date:
    """A day such as 2024-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(sentence("A day", expected="one such as 2024-01-31", got=repr(text))) from None


def spans(days: Iterable[date], longest: int | None = None) -> list[Days]:
    """Days in order as spans without gaps, none of more than ``longest`` days.

    >>> [str(span) for span in spans(date(2024, 1, day) for day in (5, 1, 2, 3))]
    ['2024-01-01 to 2024-01-03', '2024-01-05']
    """
    found: list[Days] = []
    for day in sorted(set(days)):
        if found and day == found[-1].last + ONE and len(found[-1]) != longest:
            found[-1] = Days(found[-1].first, day)
        else:
            found.append(Days(day, day))
    return found
