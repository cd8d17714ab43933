"""What an expectation is; `tillthen.define.expectations.expect` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.duration import Duration
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence

Otherwise = Literal["warn", "stop", "quarantine"]


@dataclass(frozen=True)
class RowRule:
    """``condition`` is true of every good row; null is false. Met while at most the share ``at_most`` is bad."""

    name: str
    condition: str
    otherwise: Otherwise
    at_most: float

    def __post_init__(self) -> None:
        right = isinstance(self.at_most, int | float) and 0 <= self.at_most <= 1
        wrong = [] if right else [sentence(f"Expectation '{self.name}' 'at_most'", expected="a share from 0 to 1",
                                           got=self.at_most)]  # fmt: skip
        report(*wrong, *parse(self.condition).faults, *_otherwise(self.name, self.otherwise, quarantine=True))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads."""
        return parse(self.condition).columns


@dataclass(frozen=True)
class Unique:
    """No two rows have the same values in ``columns``; rows with a null among them are left out."""

    name: str
    columns: tuple[str, ...]
    otherwise: Otherwise

    def __post_init__(self) -> None:
        empty = [] if self.columns else [sentence(f"Expectation '{self.name}'", expected="columns", got="none")]
        report(*empty, *_otherwise(self.name, self.otherwise))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.columns


@dataclass(frozen=True)
class Volume:
    """How many rows a night brings: absolute bounds, and a share about the median of earlier nights."""

    name: str
    least: int | None
    most: int | None
    within: float | None
    over: Duration
    same_weekday: bool
    otherwise: Otherwise
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bounds = (self.least, self.most, self.within)
        faults = [sentence(f"Expectation '{self.name}'", expected="least=, most= or within=", got="none of them")]
        if any(bound is not None and bound < 0 for bound in bounds):
            faults = [sentence(f"Expectation '{self.name}'", expected="bounds of at least 0", got=bounds)]
        elif any(bound is not None for bound in bounds):
            faults = []
        report(*faults, *_positive(self.name, "over", self.over), *_otherwise(self.name, self.otherwise))


@dataclass(frozen=True)
class Fresh:
    """The newest event lies at most ``within`` before the night's end; events after it do not count."""

    name: str
    within: Duration
    otherwise: Otherwise
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        report(*_positive(self.name, "within", self.within), *_otherwise(self.name, self.otherwise))


@dataclass(frozen=True)
class Drift:
    """The population stability index of a column, against earlier nights, is at most ``at_most``."""

    name: str
    column: str
    at_most: float
    over: Duration
    otherwise: Otherwise

    def __post_init__(self) -> None:
        wrong = [] if self.at_most > 0 else [sentence(f"Expectation '{self.name}' 'at_most'", expected="above 0",
                                                      got=self.at_most)]  # fmt: skip
        report(*wrong, *_positive(self.name, "over", self.over), *_otherwise(self.name, self.otherwise))

    @property
    def reads(self) -> tuple[str, ...]:
        """The column it reads."""
        return (self.column,)


Expectation = Annotated[
    RowRule | Unique | Volume | Fresh | Drift, Like("what tillthen.expect makes", "expect.not_null('card_id')")
]


def _otherwise(name: str, given: str, quarantine: bool = False) -> list[str]:
    if given in ("warn", "stop") or (quarantine and given == "quarantine"):
        return []
    choices = "'warn', 'stop' or 'quarantine'" if quarantine else "'warn' or 'stop'"
    return [sentence(f"Expectation '{name}' 'otherwise'", expected=choices, got=repr(given))]


def _positive(name: str, option: str, given: object) -> list[str]:
    if isinstance(given, Duration) and given.micros > 0:
        return []
    return [sentence(f"Expectation '{name}' '{option}'", expected="a positive duration", got=given, fix="Use days(7).")]
