"""Section 5 of the contract: aggregations of a window's values, in order, in exact fractions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from tillthen.pit.oracle.order import order

Values = list[object]


class Overflow(Exception):
    """A result that does not fit its type, which is the message."""


def answer(kind: str, values: Sequence[object], parameter: float | None = None) -> object:
    """What an aggregation makes of the values of the events that a window sees, in the contract's order.

    The values of time_since_first and time_since_last are how many microseconds ago the events were.
    """
    present = [value for value in values if value is not None]
    if kind in _OF_ALL:
        return _OF_ALL[kind](list(values)) if values else None
    if kind in _COUNTS:
        return _COUNTS[kind](present)
    if kind in _WITH_PARAMETER:
        taken = list(values) if kind == "last_n" else present
        return _WITH_PARAMETER[kind](taken, parameter) if taken else None
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


def _top_k(values: Values, k: int) -> Values:
    """By count descending, then value ascending; the zeros are 0.0, and one NaN is as good as another."""
    groups: dict[object, Values] = {}
    for value in values:
        same = value + 0.0 if isinstance(value, float) else value
        groups.setdefault(order(same), []).append(same)
    return [group[0] for _, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:k]]


def _quantile(values: Values, q: float) -> float:
    """Type 7: linear between the two values around place (n - 1) q, q being the decimal number as written."""
    if any(isinstance(value, float) and math.isnan(value) for value in values):
        return math.nan
    place = Fraction(str(q)) * (len(values) - 1)
    ordered = sorted(values, key=order)
    low, high, weight = ordered[math.floor(place)], ordered[math.ceil(place)], place % 1
    if not (isinstance(low, float) and isinstance(high, float)):
        return _rounded(_exact(low) * (1 - weight) + _exact(high) * weight)
    if low == high:
        return low + 0.0
    between = low * float(1 - weight) + high * float(weight)
    return between if math.isnan(between) else max(low, min(between, high)) + 0.0


def _seconds(microseconds: object) -> float:
    assert isinstance(microseconds, int)
    return float(microseconds) / 1e6


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
    "mode": lambda present: _top_k(present, 1)[0],
    "time_since_first": lambda ago: _seconds(ago[0]),
    "time_since_last": lambda ago: _seconds(ago[-1]),
    "any": lambda conditions: True in conditions,
}
_WITH_PARAMETER: dict[str, Callable[[Values, Any], object]] = {
    "last_n": lambda all_, n: all_[-n:],
    "top_k": _top_k,
    "quantile": _quantile,
}
