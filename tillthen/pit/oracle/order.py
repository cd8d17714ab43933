"""The contract's total order of the values of one column."""

from __future__ import annotations

import math


def order(value: object) -> tuple[object, ...]:
    """A sort key: nulls first, NaN last, -0.0 before 0.0, strings by UTF-8 bytes, false before true.

    >>> sorted([math.nan, 0.0, None, -0.0, -math.inf], key=order)
    [None, -inf, -0.0, 0.0, nan]
    >>> sorted(["b", "é", "a"], key=order)
    ['a', 'b', 'é']
    """
    if value is None:
        return (0,)
    if isinstance(value, float):
        return (2,) if math.isnan(value) else (1, value, math.copysign(1.0, value))
    return (1, value.encode() if isinstance(value, str) else value)


def identity(value: object) -> object:
    """Equal for values that are one and the same, null, NaN and the sign of a zero included.

    >>> identity(math.nan) == identity(math.nan), identity(0.0) == identity(-0.0), identity(1) == identity(True)
    (True, False, False)
    """
    return (type(value), order(value))
