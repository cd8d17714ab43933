"""The aggregations as a team writes them: each function declares one, and computes nothing.

``where`` is a condition that an event must meet (null is false); ``by={"channel": ["ecommerce", "pos"]}`` makes a
feature of each value and of "other"; ``name`` stands for what a generated name says of the aggregation.
"""

from __future__ import annotations

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column, Count, Expression
from tillthen.define.features.aggregation import Aggregation
from tillthen.define.features.pivot import By, Pivot

Where = Expression | None
Named = Column | None


@checked
def count(column: Expression | None = None, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Number of events, or of events whose ``column`` is not null. 0 for an empty window."""
    return Aggregation("count", column, where, name, Pivot.of(by))


@checked
def count_distinct(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Exact number of different values that are not null. 0 for an empty window."""
    return Aggregation("count_distinct", column, where, name, Pivot.of(by))


@checked
def sum(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Sum: exact for integers (bigint) and decimals (38 digits), rounded once for doubles."""
    return Aggregation("sum", column, where, name, Pivot.of(by))


@checked
def mean(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Arithmetic mean as a double: the exact sum by the number of values."""
    return Aggregation("mean", column, where, name, Pivot.of(by))


@checked
def min(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Smallest value."""
    return Aggregation("min", column, where, name, Pivot.of(by))


@checked
def max(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Greatest value."""
    return Aggregation("max", column, where, name, Pivot.of(by))


@checked
def variance(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Sample variance (n - 1); null below two values."""
    return Aggregation("variance", column, where, name, Pivot.of(by))


@checked
def stddev(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Sample standard deviation (n - 1); null below two values."""
    return Aggregation("stddev", column, where, name, Pivot.of(by))


@checked
def rate(condition: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Share of events for which ``condition`` is true among those for which it is not null."""
    return Aggregation("rate", condition, where, name, Pivot.of(by))


@checked
def first(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Value of the earliest event, null or not."""
    return Aggregation("first", column, where, name, Pivot.of(by))


@checked
def last(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Value of the latest event, null or not."""
    return Aggregation("last", column, where, name, Pivot.of(by))


@checked
def last_non_null(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Value of the latest event that has one."""
    return Aggregation("last_non_null", column, where, name, Pivot.of(by))


@checked
def last_n(column: Expression, n: Count, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Values of the ``n`` latest events, at most 10,000, as a list, nulls kept, the latest last; null for none."""
    return Aggregation("last_n", column, where, name, Pivot.of(by), n)


@checked
def mode(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """The most frequent value, of several the smallest; -0.0 is 0.0 and NaN is NaN, the greatest."""
    return Aggregation("mode", column, where, name, Pivot.of(by))


@checked
def top_k(column: Expression, k: Count, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """The ``k`` most frequent values as a list, by count descending, then value ascending; null where there is none."""
    return Aggregation("top_k", column, where, name, Pivot.of(by), k)


@checked
def quantile(column: Expression, q: float, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Quantile of type 7, a double: linear between the two values around place ``(n - 1) q`` from 0, in order of size.

    ``q`` is the decimal number as written, from 0 to 1, with at most nine decimals. Let a <= b be the two values and
    w the exact fraction of the place.

    - Integers and decimals: a (1 - w) + b w, exactly, rounded once.
    - Doubles: a where a = b; else a (1 - w) + b w with 1 - w, w, both products and the sum each rounded to the nearest
      double, and kept within [a, b]. So one infinity wins over a finite value, and the opposite two make NaN.
    - Any NaN in the window makes it NaN; a zero is 0.0.
    """
    return Aggregation("quantile", column, where, name, Pivot.of(by), q)


@checked
def median(column: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """The `quantile` for 0.5: the middle value, or halfway between the middle two."""
    return quantile(column, 0.5, where=where, by=by, name=name)


@checked
def time_since_first(
    column: Expression | None = None, *, where: Where = None, by: By = None, name: Named = None
) -> Aggregation:
    """Seconds from the earliest event, or the earliest whose ``column`` is not null, to ``as_of``, as a double."""
    return Aggregation("time_since_first", column, where, name, Pivot.of(by))


@checked
def time_since_last(
    column: Expression | None = None, *, where: Where = None, by: By = None, name: Named = None
) -> Aggregation:
    """Seconds from the latest event, or the latest whose ``column`` is not null, to ``as_of``, as a double."""
    return Aggregation("time_since_last", column, where, name, Pivot.of(by))


@checked
def any(condition: Expression, *, where: Where = None, by: By = None, name: Named = None) -> Aggregation:
    """Whether ``condition`` is true for some event; null where it is null for all."""
    return Aggregation("any", condition, where, name, Pivot.of(by))
