"""Derived columns: SQL expressions over finished features, here the ones that every team writes.

Each argument is an expression itself, most often a feature's name. A null in it makes the result null.
"""

from __future__ import annotations

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Expression


@checked
def ratio(a: Expression, b: Expression) -> str:
    """``a / b``; null where b is 0.

    >>> ratio("cards__sum_amount_1d", "cards__sum_amount_30d")
    'try_divide(cards__sum_amount_1d, cards__sum_amount_30d)'
    """
    return f"try_divide({a}, {b})"


@checked
def difference(a: Expression, b: Expression) -> str:
    """``a - b``."""
    return f"({a}) - ({b})"


@checked
def zscore(value: Expression, mean: Expression, stddev: Expression) -> str:
    """How many standard deviations ``value`` lies above ``mean``; null where stddev is 0.

    >>> zscore("amount", "cards__mean_amount_30d", "cards__stddev_amount_30d")
    'try_divide((amount) - (cards__mean_amount_30d), cards__stddev_amount_30d)'
    """
    return ratio(difference(value, mean), stddev)
