"""Section 5 of the contract: aggregations of a window's values, in order, in exact fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from tillthen.pit.oracle.order import order

Values = list[object]


class Overflow(Exception):
    """A result that does not fit its type, which is the message."""


def answer(kind: str, values: Sequence[object]) -> object:
    """What an aggregation makes of the values of the events that a window sees, in the contract's order."""
    present = [value for value in values if value is not None]
    if kind in _OF_ALL:
        return _OF_ALL[kind](list(values)) if values else None
    if kind in _COUNTS:
        return _COUNTS[kind](present)
    return _OF_PRESENT[kind](present) if present else None


def _count_distinct(values: Values) -> int:
    return len({order(value + 0.0 if isinstance(value, float) else value) for value in values})


def _sum(values: Values) -> object:
    if isinstance(values[0], float):
        return _double_sum(values)
    total = sum(map(_exact, values), Fraction(0))
    if isinstance(values[0], Decimal):
        return _as_decimal(total, -int(values[0].as_tuple().exponent))
    if not -(2**63) <= total < 2**63:
        raise Overflow("bigint")
    return int(total)


def _as_decimal(total: Fraction, scale: int) -> Decimal:
    units = int(total * 10**scale)
    if abs(units) >= 10**38:
        raise Overflow(f"decimal(38,{scale})")
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -scale))


def _mean(values: Values) -> float:
    if isinstance(values[0], float):
        return _double_sum(values) / len(values)
    return _rounded(sum(map(_exact, values), Fraction(0)) / len(values))


def _double_sum(values: Values) -> float:
    """The exact sum, rounded once; what a sum makes of NaN and infinities does not depend on their order."""
    special = [value for value in values if isinstance(value, float) and not math.isfinite(value)]
    return sum(special) if special else _rounded(sum(map(_exact, values), Fraction(0)))


def _variance(values: Values) -> float | None:
    exact = _exact_variance(values)
    return _rounded(exact) if isinstance(exact, Fraction) else exact


def _stddev(values: Values) -> float | None:
    exact = _exact_variance(values)
    if not isinstance(exact, Fraction):
        return exact
    with localcontext(prec=60):
        return float((Decimal(exact.numerator) / Decimal(exact.denominator)).sqrt())


def _exact_variance(values: Values) -> Fraction | float | None:
    if len(values) < 2:
        return None
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        return math.nan
    exact = list(map(_exact, values))
    mean = sum(exact, Fraction(0)) / len(exact)
    return sum(((x - mean) ** 2 for x in exact), Fraction(0)) / (len(exact) - 1)


def _exact(value: object) -> Fraction:
    assert isinstance(value, int | float | Decimal)
    return Fraction(value)


def _rounded(exact: Fraction) -> float:
    """The nearest double, ties to even; beyond their range an infinity."""
    try:
        return exact.numerator / exact.denominator
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _min(values: Values) -> object:
    return _nan_or(values, min(values, key=order))


def _max(values: Values) -> object:
    return _nan_or(values, max(values, key=order))


def _nan_or(values: Values, otherwise: object) -> object:
    return math.nan if any(isinstance(value, float) and math.isnan(value) for value in values) else otherwise


_COUNTS: dict[str, Callable[[Values], int]] = {"count": len, "count_distinct": _count_distinct}
_OF_ALL: dict[str, Callable[[Values], object]] = {"first": lambda all_: all_[0], "last": lambda all_: all_[-1]}
_OF_PRESENT: dict[str, Callable[[Values], object]] = {
    "sum": _sum,
    "mean": _mean,
    "min": _min,
    "max": _max,
    "variance": _variance,
    "stddev": _stddev,
    "rate": lambda conditions: conditions.count(True) / len(conditions),
    "last_non_null": lambda present: present[-1],
}
