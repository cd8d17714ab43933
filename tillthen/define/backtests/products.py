"""Costs as sums of products: a part that depends on the row, times declared numbers.

Every cost of `tillthen.define.backtests.cost` is a polynomial in its inputs. Written as products, a declared number can
be changed without reading the rows again: sums of the row parts are enough, and that is what the report's explorer and
the sensitivities work with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import prod

from tillthen.define.arguments.kinds import Expression

Term = float | int | Decimal | Expression
"""A constant, or a row expression over the feature table's columns."""


@dataclass(frozen=True)
class Factor:
    """A declared number, or 1 - it where ``complement``."""

    input: str
    complement: bool = False

    def of(self, values: Mapping[str, float]) -> Fraction:
        """Its value at these inputs, each taken for the decimal number that it was written as."""
        value = Fraction(str(values[self.input]))
        return 1 - value if self.complement else value


@dataclass(frozen=True)
class Product:
    """``sign`` times the row expressions in ``row`` times the factors; ``name`` says what it pays for."""

    name: str
    row: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()
    sign: int = 1

    def exact(self, values: Mapping[str, float]) -> Fraction:
        """The factors' product at these inputs: what one unit of the row's part costs."""
        return prod((factor.of(values) for factor in self.factors), start=Fraction(1))

    def value(self, values: Mapping[str, float]) -> float:
        """The same, rounded once.

        >>> Product("insult", factors=(Factor("margin"), Factor("retry", complement=True))).value(
        ...     {"margin": 0.1, "retry": 0.3})
        0.07
        """
        return float(self.exact(values))

    @property
    def base(self) -> str:
        """The row's part as a row expression in doubles.

        >>> Product("margin", ("amount", "share"), sign=-1).base
        '-CAST(amount AS DOUBLE) * CAST(share AS DOUBLE)'
        """
        text = " * ".join(f"CAST({part} AS DOUBLE)" for part in self.row) or "1D"
        return f"-{text}" if self.sign < 0 else text

    def scaled(self, name: str, term: Term, *, complement: bool = False) -> list[Product]:
        """The product times an input, or times 1 - it.

        An input that is an expression goes into the row and leaves a factor with value 1. One less an expression is two
        products, the second negative, so that the factor still scales the expression alone.

        >>> [part.base for part in Product("lost", ("amount",)).scaled("recovery", "r", complement=True)]
        ['CAST(amount AS DOUBLE)', '-CAST(amount AS DOUBLE) * CAST((r) AS DOUBLE)']
        """
        if not isinstance(term, str):
            return [replace(self, factors=(*self.factors, Factor(name, complement)))]
        within = replace(self, row=(*self.row, f"({term})"), factors=(*self.factors, Factor(name)))
        return [self, replace(within, sign=-self.sign)] if complement else [within]


def scaled(parts: Iterable[Product], name: str, term: Term, *, complement: bool = False) -> list[Product]:
    """Each product times an input, or times 1 - it."""
    return [found for part in parts for found in part.scaled(name, term, complement=complement)]


def total(parts: Iterable[Product], values: Mapping[str, float]) -> str:
    """The sum of products at these inputs as a row expression in doubles.

    >>> total([Product("lost", ("amount",), (Factor("recovery", complement=True),))], {"recovery": 0.25})
    '0.75D * (CAST(amount AS DOUBLE))'
    """
    return " + ".join(f"{part.value(values)!r}D * ({part.base})" for part in parts) or "0D"
