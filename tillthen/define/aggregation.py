"""Aggregations as data: what is computed, of which column, under which condition."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tillthen.define.duration import ZERO, Duration
from tillthen.define.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report
from tillthen.define.window import Closed, Window, WindowLike

NUMERIC_TYPES = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
ORDERED_TYPES = (*NUMERIC_TYPES, "boolean", "string", "date", "timestamp", "timestamp_ntz", "binary")


@dataclass(frozen=True)
class Kind:
    """What one aggregation takes and gives.

    ``takes`` are the type families of its column (empty: no column); ``gives`` is a type of Spark, or ``"same"``
    as the column, or ``"wide"``: bigint for integers, decimal(38, s) for decimals, double for doubles.
    """

    takes: tuple[str, ...]
    gives: str
    needs_column: bool = True
    zero_when_empty: bool = False


KINDS: dict[str, Kind] = {
    "count": Kind(ORDERED_TYPES, "bigint", needs_column=False, zero_when_empty=True),
    "count_distinct": Kind(ORDERED_TYPES, "bigint", zero_when_empty=True),
    "sum": Kind(NUMERIC_TYPES, "wide"),
    "mean": Kind(NUMERIC_TYPES, "double"),
    "min": Kind(ORDERED_TYPES, "same"),
    "max": Kind(ORDERED_TYPES, "same"),
    "variance": Kind(NUMERIC_TYPES, "double"),
    "stddev": Kind(NUMERIC_TYPES, "double"),
    "rate": Kind(("boolean",), "double"),
    "first": Kind(ORDERED_TYPES, "same"),
    "last": Kind(ORDERED_TYPES, "same"),
    "last_non_null": Kind(ORDERED_TYPES, "same"),
}


@dataclass(frozen=True)
class Feature:
    """One finished feature: an aggregation over one window, and its name in the table."""

    name: str
    kind: str
    column: str | None
    where: str | None
    window: Window
    fill: float | int | str | bool | None = None


@dataclass(frozen=True)
class Aggregation:
    """An aggregation of a feature set's rows; ``.over(...)`` gives it windows."""

    kind: str
    column: str | None = None
    where: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise DefinitionError(sentence(f"Unknown aggregation '{self.kind}'", fix=did_you_mean(self.kind, KINDS)))
        if kind.needs_column and not self.column:
            report(sentence(f"{self.kind} needs a column", fix=f"Write {self.kind}('amount')."))
        for text in (self.column, self.where):
            if text:
                report(*parse(text).faults)

    def over(self, *windows: WindowLike, offset: Duration = ZERO, closed: Closed | None = None) -> Features:
        """Compute it over each window.

        ``offset`` moves the window's end back from ``as_of``; ``closed`` overrides the feature set's choice.
        """
        if not windows:
            report(sentence(f"{self.kind}.over() has no window", fix="Write for example .over(days(7))."))
        return Features(self, windows, offset, closed)


@dataclass(frozen=True)
class Features:
    """An aggregation over several windows, before a feature set names them."""

    aggregation: Aggregation
    windows: tuple[WindowLike, ...]
    offset: Duration
    closed: Closed | None
    pattern: str | None = None
    fill_value: float | int | str | bool | None = None

    def named(self, pattern: str) -> Features:
        """Set the whole column name; with several windows it must hold ``{window}``."""
        if len(self.windows) > 1 and "{window}" not in pattern:
            report(sentence(f"The name '{pattern}' stands for {len(self.windows)} windows",
                            fix="Put {window} into it."))  # fmt: skip
        return replace(self, pattern=pattern)

    def fill(self, value: float | int | str | bool) -> Features:
        """Give ``value`` where the result would be null."""
        return replace(self, fill_value=value)

    def finish(self, feature_set: str, closed: Closed) -> list[Feature]:
        """The features, one a window, named for their feature set."""
        done = []
        for like in self.windows:
            window = Window.of(like, self.offset, self.closed or closed)
            pattern = self.pattern or f"{feature_set}__{_stem(self.aggregation)}_{{window}}"
            name = pattern.replace("{window}", window.name)
            a = self.aggregation
            done.append(Feature(name, a.kind, a.column, a.where, window, self.fill_value))
        return done


_OPERATORS = {"<>": "ne", "!=": "ne", "<=": "le", ">=": "ge", "=": "eq", "<": "lt", ">": "gt", "!": "not"}


def _stem(aggregation: Aggregation) -> str:
    if aggregation.name:
        return aggregation.name
    stem = aggregation.kind if aggregation.column is None else f"{aggregation.kind}_{slug(aggregation.column)}"
    return stem if aggregation.where is None else f"{stem}_where_{slug(aggregation.where)}"


def slug(expression: str) -> str:
    """An expression as part of a column name.

    >>> slug("country <> 'GB'")
    'country_ne_GB'
    """
    text = expression
    for operator, word in _OPERATORS.items():
        text = text.replace(operator, f" {word} ")
    return re.sub(r"\W+", "_", text).strip("_")


def count(column: str | None = None, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Number of events, or of events whose ``column`` is not null. 0 for an empty window."""
    return Aggregation("count", column, where, name)


def count_distinct(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Exact number of different values that are not null. 0 for an empty window."""
    return Aggregation("count_distinct", column, where, name)


def sum(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Sum: exact for integers (bigint) and decimals (38 digits), rounded once for doubles."""
    return Aggregation("sum", column, where, name)


def mean(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Arithmetic mean as a double: the exact sum by the number of values."""
    return Aggregation("mean", column, where, name)


def min(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Smallest value."""
    return Aggregation("min", column, where, name)


def max(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Greatest value."""
    return Aggregation("max", column, where, name)


def variance(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Sample variance (n - 1); null below two values."""
    return Aggregation("variance", column, where, name)


def stddev(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Sample standard deviation (n - 1); null below two values."""
    return Aggregation("stddev", column, where, name)


def rate(condition: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Share of events for which ``condition`` is true among those for which it is not null."""
    return Aggregation("rate", condition, where, name)


def first(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Value of the earliest event, null or not."""
    return Aggregation("first", column, where, name)


def last(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Value of the latest event, null or not."""
    return Aggregation("last", column, where, name)


def last_non_null(column: str, *, where: str | None = None, name: str | None = None) -> Aggregation:
    """Value of the latest event that has one."""
    return Aggregation("last_non_null", column, where, name)
