"""Fixed spans of time. A day is 24 hours; calendar months and years are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from tillthen.define.errors import DefinitionError, sentence

_MICROS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


@dataclass(frozen=True, order=True)
class Duration:
    """A span of time in whole microseconds; ``text`` is how it was declared and names features.

    >>> days(7).micros, str(hours(24)), hours(24) == days(1)
    (604800000000, '24h', True)
    """

    micros: int
    text: str = field(compare=False, default="")

    def __post_init__(self) -> None:
        if not isinstance(self.micros, int) or isinstance(self.micros, bool):
            raise DefinitionError(sentence("A duration", expected="whole microseconds", got=repr(self.micros)))
        if not self.text:
            object.__setattr__(self, "text", _shortest(self.micros))

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.micros + other.micros)

    def __mul__(self, times: int) -> Duration:
        return Duration(self.micros * times)

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read '7d', '24h', '30m', '10s', '5ms' or '1us'.

        >>> Duration.parse("90m").micros
        5400000000
        """
        number, unit = text.strip().rstrip("dhmsu"), text.strip().lstrip("0123456789")
        if unit not in _MICROS or not number.isdigit():
            raise DefinitionError(
                sentence(
                    "A duration",
                    expected="a number and one of d, h, m, s, ms, us",
                    got=repr(text),
                    fix="Write for example '7d'.",
                )
            )
        return cls(int(number) * _MICROS[unit], text.strip())


ZERO = Duration(0, "0s")


def _shortest(micros: int) -> str:
    for unit in ("d", "h", "m", "s", "ms"):
        if micros and micros % _MICROS[unit] == 0:
            return f"{micros // _MICROS[unit]}{unit}"
    return f"{micros}us"


def _of(number: float, unit: str) -> Duration:
    micros = number * _MICROS[unit]
    if isinstance(number, bool) or not isinstance(number, int | float) or micros != int(micros):
        raise DefinitionError(sentence("A duration", expected="a number of whole microseconds", got=repr(number)))
    return Duration(int(micros), f"{number}{unit}" if isinstance(number, int) else "")


def seconds(number: float) -> Duration:
    """A span of ``number`` seconds."""
    return _of(number, "s")


def minutes(number: float) -> Duration:
    """A span of ``number`` minutes."""
    return _of(number, "m")


def hours(number: float) -> Duration:
    """A span of ``number`` hours."""
    return _of(number, "h")


def days(number: float) -> Duration:
    """A span of ``number`` times 24 hours, whatever the calendar does."""
    return _of(number, "d")


def weeks(number: float) -> Duration:
    """A span of ``number`` times 7 days of 24 hours."""
    return _of(number * 7, "d")


def months(number: float) -> NoReturn:
    """Refused: calendar months differ in length, so consecutive windows would not tile."""
    raise DefinitionError(
        sentence(
            f"A window of {number} months",
            expected="a fixed duration",
            got="calendar months",
            fix=f"Use days({int(number * 30)}); a day is 24 hours.",
        )
    )


def years(number: float) -> NoReturn:
    """Refused, as `months` is."""
    raise DefinitionError(
        sentence(
            f"A window of {number} years",
            expected="a fixed duration",
            got="calendar years",
            fix=f"Use days({int(number * 365)}); a day is 24 hours.",
        )
    )
