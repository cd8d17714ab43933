"""A case's times, mapped to microseconds so that order and differences are kept exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import reduce

from tillthen.pit.conformance.cases import malformed
from tillthen.pit.conformance.question import Unsupported

CALENDAR = 250_000_000_000_000_000
"""Microseconds from 1970 to the last years of the calendar."""

HOUR = Fraction(3600)

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(ns|us|ms|s|m|min|h|d|w)", re.ASCII)
_UNITS = {
    "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60),
    "min": Fraction(60), "h": HOUR, "d": 24 * HOUR, "w": 168 * HOUR,
}  # fmt: skip


def instant(value: object) -> Fraction | None:
    """A time as an exact number: of seconds since 1970 for text (UTC where it names no zone), else as it is.

    >>> instant("1970-01-02T01:00:00.5+01:00"), instant(0.1), instant(None)
    (Fraction(172801, 2), Fraction(1, 10), None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _seconds(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise malformed("a time", "an ISO time or a number", value)
    return Fraction(str(value))


def _seconds(text: str) -> Fraction:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise malformed("a time", "an ISO time or a number", text)
    date, clock, seconds, fraction, zone = found.groups()
    try:
        whole = datetime.fromisoformat(f"{date}T{clock or '00:00'}:{seconds or '00'}").replace(tzinfo=UTC)
    except ValueError:
        raise malformed("a time", "a date and time of the calendar", text) from None
    since = Fraction((whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))
    return since + Fraction(f"0.{fraction or 0}") - _offset(zone)


def _offset(zone: str | None) -> int:
    if zone in (None, "Z", "UTC"):
        return 0
    digits = str(zone)[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if str(zone)[0] == "-" else 1)


def length(span: object, text: bool) -> Fraction:
    """A length of time: a duration such as '5h', or a number; in seconds where times are text, else in their unit."""
    if isinstance(span, str):
        found = _SPAN.fullmatch(span.strip())
        if found is None:
            raise Unsupported(f"'{span}' is not a fixed duration (contract, 4)")
        if not text:
            raise Unsupported(f"'{span}' has no length in times that are plain numbers (contract, 4)")
        return Fraction(found[1]) * _UNITS[found[2]]
    if isinstance(span, bool) or not isinstance(span, int | float):
        raise malformed("a length of time", "a duration or a number", span)
    if span < 0:
        raise Unsupported(f"a length of {span} is negative (contract, 4)")
    return Fraction(str(span))


@dataclass(frozen=True)
class Clock:
    """Where each time of a case stands in the engine's microseconds.

    Times are multiples of ``grid`` after the first; one grid is ``step`` microseconds, so that those between can tell
    apart what the case tells apart at one instant. Where differences do not fit the calendar there is no grid: times
    keep their order only, and lengths of time cannot be asked.
    """

    places: Mapping[Fraction, int]
    step: int
    grid: Fraction | None
    text: bool

    @classmethod
    def of(cls, values: Iterable[object], room: int) -> Clock:
        """The clock of all times of a case; ``room`` are the microseconds wanted between two of them."""
        given = [value for value in values if value is not None]
        text = any(isinstance(value, str) for value in given)
        if text and not all(isinstance(value, str | Fraction) for value in given):
            raise malformed("times", "all text or all numbers", "both")
        instants = sorted({known for known in map(_exactly, given) if known is not None})
        first = instants[0] if instants else Fraction(0)
        grid = reduce(_common, (other - first for other in instants), Fraction(0)) or Fraction(1)
        steps = [(other - first) / grid for other in instants]
        step = 2 * room
        if steps and steps[-1] * step > CALENDAR:
            return cls({other: i * step for i, other in enumerate(instants)}, step, None, text)
        return cls({other: int(i * step) for other, i in zip(instants, steps, strict=True)}, step, grid, text)

    def at(self, value: object) -> int | None:
        """A time of the case in microseconds; null stays null."""
        known = _exactly(value)
        return None if known is None else self.places[known]

    def grids(self, span: object) -> Fraction:
        """A length of time in grids."""
        exact = length(span, self.text)
        if exact and self.grid is None:
            raise Unsupported("the times' differences do not fit microseconds (contract, 1)")
        return exact / (self.grid or 1)

    @property
    def words(self) -> str:
        """The mapping, for people."""
        unit = "s" if self.text else ""
        if self.grid is None:
            return f"times: in their order, {self.step} us apart"
        return f"times: from the first one, {self.grid}{unit} are {self.step} us"


def _exactly(value: object) -> Fraction | None:
    return value if isinstance(value, Fraction) else instant(value)


def _common(one: Fraction, other: Fraction) -> Fraction:
    """The greatest common divisor."""
    denominator = math.lcm(one.denominator, other.denominator)
    return Fraction(math.gcd(int(one * denominator), int(other * denominator)), denominator)
