"""Fixed spans of time. A day is 24 hours; calendar months and years are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import isfinite
from typing import Annotated, ClassVar, NoReturn

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.checked import checked
from tillthen.define.faults.errors import DefinitionError, sentence

Number = Annotated[float, Like("a number", "7")]
_MICROS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


@dataclass(frozen=True, order=True)
class Duration:
    """A span of time in whole microseconds; ``text`` is how it was declared and names features.

    >>> days(7).micros, str(hours(24)), hours(24) == days(1)
    (604800000000, '24h', True)
    """

    micros: int
    text: str = field(compare=False, default="")

    WORDS: ClassVar[str] = "a duration"
    EXAMPLE: ClassVar[str] = "days(7)"

    def __post_init__(self) -> None:
        if not isinstance(self.micros, int) or isinstance(self.micros, bool):
            raise DefinitionError(sentence("A duration", expected="whole microseconds", got=repr(self.micros)))
        if abs(self.micros) > _MOST:
            raise DefinitionError(sentence("A duration", expected="at most 10,000 years", got=f"{self.micros} us",
                                           fix="Use lifetime for a window over all of history."))  # fmt: skip
        if not self.text:
            object.__setattr__(self, "text", _shortest(self.micros))

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Duration) -> Duration:
        if not isinstance(other, Duration):
            raise DefinitionError(sentence("A duration and another", expected="a duration such as days(7)",
                                           got=repr(other)))  # fmt: skip
        return Duration(self.micros + other.micros)

    def __mul__(self, times: int) -> Duration:
        if not isinstance(times, int):
            raise DefinitionError(sentence("A duration times a number", expected="an integer", got=repr(times)))
        return Duration(self.micros * times)

    __rmul__ = __mul__

    @staticmethod
    def meant(value: object) -> str | None:
        """How a value that is none was probably meant.

        >>> Duration.meant(90), Duration.meant("24h"), Duration.meant(timedelta(minutes=90))
        ('days(90)', 'hours(24)', 'minutes(90)')
        """
        if isinstance(value, str):
            try:
                found = Duration.parse(value)
            except DefinitionError:
                return None
        elif isinstance(value, timedelta):
            found = Duration(value // timedelta(microseconds=1))
        else:
            number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
            return f"days({value})" if number else None
        unit = str(found).lstrip("-0123456789")
        return f"{_FUNCTIONS[unit]}({str(found).removesuffix(unit)})" if unit in _FUNCTIONS else None

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


_MOST = 10_000 * 366 * _MICROS["d"]
_FUNCTIONS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
ZERO = Duration(0, "0s")


def _shortest(micros: int) -> str:
    for unit in ("d", "h", "m", "s", "ms"):
        if micros and micros % _MICROS[unit] == 0:
            return f"{micros // _MICROS[unit]}{unit}"
    return f"{micros}us"


def _of(number: Number, unit: str) -> Duration:
    micros = number * _MICROS[unit]
    if not isfinite(micros) or micros != int(micros):
        raise DefinitionError(sentence("A duration", expected="a number of whole microseconds", got=repr(number)))
    return Duration(int(micros), f"{number}{unit}" if isinstance(number, int) else "")


@checked
def seconds(number: Number) -> Duration:
    """A span of ``number`` seconds."""
    return _of(number, "s")


@checked
def minutes(number: Number) -> Duration:
    """A span of ``number`` minutes."""
    return _of(number, "m")


@checked
def hours(number: Number) -> Duration:
    """A span of ``number`` hours."""
    return _of(number, "h")


@checked
def days(number: Number) -> Duration:
    """A span of ``number`` times 24 hours, whatever the calendar does."""
    return _of(number, "d")


@checked
def weeks(number: Number) -> Duration:
    """A span of ``number`` times 7 days of 24 hours."""
    return _of(number * 7, "d")


@checked
def months(number: Number) -> NoReturn:
    """Refused: calendar months differ in length, so consecutive windows would not tile."""
    raise DefinitionError(
        sentence(
            f"A window of {number} months",
            expected="a fixed duration",
            got="calendar months",
            fix=f"Use days({int(number * 30)}); a day is 24 hours.",
        )
    )


@checked
def years(number: Number) -> NoReturn:
    """Refused, as `months` is."""
    raise DefinitionError(
        sentence(
            f"A window of {number} years",
            expected="a fixed duration",
            got="calendar years",
            fix=f"Use days({int(number * 365)}); a day is 24 hours.",
        )
    )
