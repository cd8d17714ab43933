"""Currencies by ISO 4217: how many digits each has, and amounts of them.

The one table is that of the package `iso4217`, which holds what the standard's agency publishes; a locale database
such as CLDR gives other digits, because it says how prices are shown and not what accounts are kept in.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

import iso4217

from tillthen.define.faults.errors import did_you_mean, sentence

Unit = Literal["minor", "major"]
"""What an amount counts: cents, or dollars."""

MINUS = "−"


@dataclass(frozen=True)
class Currency:
    """A currency whose minor unit is ``10 ** -digits`` of the major one.

    >>> currency("JPY").digits, currency("EUR").digits, currency("KWD").digits
    (0, 2, 3)
    """

    code: str
    digits: int

    def minor(self, amount: float | Decimal, unit: Unit) -> Decimal:
        """An amount in minor units, as exact as it was written.

        >>> currency("USD").minor(44.16, "major"), currency("KWD").minor(Decimal("1.5"), "major")
        (Decimal('4416.00'), Decimal('1500.0'))
        """
        written = amount if isinstance(amount, Decimal) else Decimal(str(amount))
        return written * 10**self.digits if unit == "major" else written

    def major(self, minor: float) -> float:
        """Minor units in major ones."""
        return float(minor / 10**self.digits)

    def text(self, minor: float) -> str:
        """In major units with the code, without decimals from a thousand on.

        >>> currency("JPY").text(747282), currency("USD").text(-4416), currency("KWD").text(1500)
        ('JPY 747,282', '−USD 44.16', 'KWD 1.500')
        """
        major = abs(self.major(minor))
        return f"{MINUS if minor < 0 else ''}{self.code} {major:,.{0 if major >= 1000 else self.digits}f}"


@cache
def currencies() -> dict[str, Currency]:
    """Every currency with a minor unit, by code; precious metals and codes for tests have none."""
    known = {one.code: one.exponent for one in iso4217.Currency}
    return {code: Currency(code, digits) for code, digits in known.items() if digits is not None}


def currency(code: str) -> Currency:
    """The currency of a code; of one that `fault` refuses, nothing."""
    return currencies()[code]


def digits_of(code: str) -> int:
    """A currency's digits; 0 for a code that is none, as of facts without a currency."""
    known = currencies().get(code)
    return 0 if known is None else known.digits


def fault(what: str, code: object) -> str | None:
    """Why ``code`` names no currency; None where it does. ``what`` says in whose declaration.

    >>> fault("Costs 'currency'", "EURO")
    "Costs 'currency': expected a code of ISO 4217, got 'EURO'. Did you mean 'EUR'?"
    >>> fault("Costs 'currency'", "yen")
    "Costs 'currency': expected a code of ISO 4217, got 'yen'. Did you mean 'JPY'?"
    """
    if isinstance(code, str) and code in currencies():
        return None
    return sentence(what, expected="a code of ISO 4217", got=repr(code), fix=_meant(code))


def _meant(code: object) -> str:
    if isinstance(code, str):
        named = [one.code for one in iso4217.Currency if one.currency_name.upper() == code.upper()]
        close = f"Did you mean '{named[0]}'?" if named else did_you_mean(code.upper(), currencies())
        if close.startswith("Did"):
            return close
    return "Write for example 'EUR', 'USD' or 'JPY'."
