"""Money in a source's columns: declared once, read as whole minor units from there on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.currency import Unit, fault


@checked
@dataclass(frozen=True)
class Money:
    """What a column of amounts counts. It is read as a bigint of the currency's minor units, which sums exactly.

    Parameters
    ----------
    currency
        ISO 4217 code, where all amounts are in one currency.
    unit
        "major" (dollars, 44.16) or "minor" (cents, 4416); it has no default. Amounts are decimals, doubles or integers;
        one further than a millionth of a minor unit from a whole number of these is refused, others are rounded half to
        even.
    by
        The column that holds each row's code, where there are several currencies. Such amounts can be counted and
        looked at one by one; to be summed or compared they are converted (`Rates`) or selected by currency.

    Examples
    --------
    >>> Money("EUR", unit="major").mixed, Money(by="currency", unit="minor").mixed
    (False, True)
    """

    currency: str | None = None
    unit: Unit | None = None
    by: Column | None = None

    def __post_init__(self) -> None:
        report(*self._faults())

    def _faults(self) -> Iterator[str]:
        if (self.currency is None) == (self.by is None):
            yield sentence("Money", expected="either a currency or by=", got="both" if self.by else "neither",
                           fix='Write Money("EUR", unit="minor") or Money(by="currency", unit="minor").')  # fmt: skip
        elif self.currency is not None and (unknown := fault("Money 'currency'", self.currency)):
            yield unknown
        if self.unit is None:
            yield sentence(
                "Money 'unit'",
                expected="'minor' or 'major'",
                got="nothing",
                fix='Add unit="major" where amounts are like 44.16, unit="minor" where they are like 4416.',
            )

    @property
    def mixed(self) -> bool:
        """Whether amounts of several currencies stand beside each other."""
        return self.by is not None


def one_currency(condition: str | None, by: str) -> bool:
    """Whether a condition lets one value of a column through alone.

    >>> one_currency("amount > 0 AND currency = 'EUR'", "currency"), one_currency("currency <> 'EUR'", "currency")
    (True, False)
    """
    if condition is None or parse(condition).faults:
        return False
    return any(
        isinstance(part, exp.EQ) and {type(part.this), type(part.expression)} == {exp.Column, exp.Literal}
        and by in parse(part.sql("spark")).columns
        for part in _conjuncts(sqlglot.parse_one(condition, dialect="spark"))
    )  # fmt: skip


def _conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(tree, exp.Paren):
        yield from _conjuncts(tree.this)
    elif isinstance(tree, exp.And):
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
    else:
        yield tree
