"""The aggregations as a team writes them: each function declares one, and computes nothing.

``where`` is a condition that an event must meet (null is false); ``by={"channel": ["ecommerce", "pos"]}`` makes a
feature of each value and of "other"; ``name`` stands for what a generated name says of the aggregation.
"""

from __future__ import annotations

from tillthen.define.aggregation import Aggregation
from tillthen.define.pivot import By, Pivot


def count(
    column: str | None = None, *, where: str | None = None, by: By = None, name: str | None = None
) -> Aggregation:
    """Number of events, or of events whose ``column`` is not null. 0 for an empty window."""
    return Aggregation("count", column, where, name, Pivot.of(by))


def count_distinct(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Exact number of different values that are not null. 0 for an empty window."""
    return Aggregation("count_distinct", column, where, name, Pivot.of(by))


def sum(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Sum: exact for integers (bigint) and decimals (38 digits), rounded once for doubles."""
    return Aggregation("sum", column, where, name, Pivot.of(by))


def mean(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Arithmetic mean as a double: the exact sum by the number of values."""
    return Aggregation("mean", column, where, name, Pivot.of(by))


def min(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Smallest value."""
    return Aggregation("min", column, where, name, Pivot.of(by))


def max(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Greatest value."""
    return Aggregation("max", column, where, name, Pivot.of(by))


def variance(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Sample variance (n - 1); null below two values."""
    return Aggregation("variance", column, where, name, Pivot.of(by))


def stddev(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Sample standard deviation (n - 1); null below two values."""
    return Aggregation("stddev", column, where, name, Pivot.of(by))


def rate(condition: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Share of events for which ``condition`` is true among those for which it is not null."""
    return Aggregation("rate", condition, where, name, Pivot.of(by))


def first(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Value of the earliest event, null or not."""
    return Aggregation("first", column, where, name, Pivot.of(by))


def last(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Value of the latest event, null or not."""
    return Aggregation("last", column, where, name, Pivot.of(by))


def last_non_null(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Value of the latest event that has one."""
    return Aggregation("last_non_null", column, where, name, Pivot.of(by))


def last_n(column: str, n: int, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Values of the ``n`` latest events as a list, nulls kept, the latest last; null for an empty window."""
    return Aggregation("last_n", column, where, name, Pivot.of(by), n)


def mode(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """The most frequent value, of several the smallest; -0.0 is 0.0 and NaN is NaN, the greatest."""
    return Aggregation("mode", column, where, name, Pivot.of(by))


def top_k(column: str, k: int, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """The ``k`` most frequent values as a list, by count descending, then value ascending; null where there is none."""
    return Aggregation("top_k", column, where, name, Pivot.of(by), k)


def quantile(column: str, q: float, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Quantile of type 7, a double: linear between the two values around place ``(n - 1) q`` from 0, in order of size.

    ``q`` is the decimal number as written, from 0 to 1, with at most nine decimals. Let a <= b be the two values and
    w the exact fraction of the place.

    - Integers and decimals: a (1 - w) + b w, exactly, rounded once.
    - Doubles: a where a = b; else a (1 - w) + b w with 1 - w, w, both products and the sum each rounded to the nearest
      double, and kept within [a, b]. So one infinity wins over a finite value, and the opposite two make NaN.
    - Any NaN in the window makes it NaN; a zero is 0.0.
    """
    return Aggregation("quantile", column, where, name, Pivot.of(by), q)


def median(column: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """The `quantile` for 0.5: the middle value, or halfway between the middle two."""
    return quantile(column, 0.5, where=where, by=by, name=name)


def time_since_first(
    column: str | None = None, *, where: str | None = None, by: By = None, name: str | None = None
) -> Aggregation:
    """Seconds from the earliest event, or the earliest whose ``column`` is not null, to ``as_of``, as a double."""
    return Aggregation("time_since_first", column, where, name, Pivot.of(by))


def time_since_last(
    column: str | None = None, *, where: str | None = None, by: By = None, name: str | None = None
) -> Aggregation:
    """Seconds from the latest event, or the latest whose ``column`` is not null, to ``as_of``, as a double."""
    return Aggregation("time_since_last", column, where, name, Pivot.of(by))


def any(condition: str, *, where: str | None = None, by: By = None, name: str | None = None) -> Aggregation:
    """Whether ``condition`` is true for some event; null where it is null for all."""
    return Aggregation("any", condition, where, name, Pivot.of(by))
