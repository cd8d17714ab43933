"""Declared cost inputs in words: money in its currency, whatever unit it was declared in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tillthen.define.backtests.inputs import MONEY
from tillthen.report.facts.schema import Facts
from tillthen.report.texts.numbers import Money


def declared_costs(facts: Facts) -> dict[str, Any]:
    """Every input by name; text is an expression over a row, in the declared unit."""
    costs = facts.provenance.costs
    unit = costs.get("unit", facts.backtest.unit)
    money = facts.backtest.money
    return {name: exactly(value, unit, money) if name in MONEY and isinstance(value, int | float) else value
            for name, value in costs.items()}  # fmt: skip


def exactly(value: float, unit: str, money: Money) -> str:
    """A declared amount to its last digit.

    >>> exactly(123456, "minor", Money("USD", 2)), exactly(20.005, "major", Money("USD", 2))
    ('USD 1,234.56', 'USD 20.005')
    >>> exactly(2000, "minor", Money("JPY", 0)), exactly(2000, "minor", Money("KWD", 3))
    ('JPY 2,000', 'KWD 2.000')
    """
    written = Decimal(str(value))
    major = written.scaleb(-money.digits) if unit == "minor" else written
    digits = max(-int(major.normalize().as_tuple().exponent), money.digits)
    return f"{money.currency} {major:,.{digits}f}"
