"""Numbers as people read them. Every function takes a number of the facts, or None, and gives text."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.backtests.minimums import FEW
from tillthen.define.sources.currency import digits_of

SHARE_PLACES = ((0.1, 1), (0.001, 2), (0.0001, 3), (0.00001, 4))
"""Decimals of a percentage that is at least so far from 0% and from 100%."""

MISSING = "–"
MINUS = "−"


@dataclass(frozen=True)
class Money:
    """Amounts of one currency.

    Parameters
    ----------
    currency
        ISO 4217 code.
    digits
        Minor units are ``10 ** -digits`` of the major unit.
    """

    currency: str
    digits: int

    @staticmethod
    def of(currency: str, digits: int | None) -> Money:
        """With its digits by ISO 4217 where they are not told."""
        return Money(currency, digits_of(currency) if digits is None else digits)

    def major(self, minor: float) -> float:
        """Minor units in major ones."""
        return float(minor / 10**self.digits)

    def plain(self, minor: float | None, *, signed: bool = False) -> str:
        """Major units without the currency, for a table that has it in its head.

        >>> Money("EUR", 2).plain(4123750)
        '41,238'
        >>> Money("EUR", 2).plain(-99950, signed=True)
        '−999.50'
        """
        if minor is None:
            return MISSING
        major = self.major(minor)
        return decimal(major, 0 if abs(major) >= 1000 else self.digits, signed=signed)

    def text(self, minor: float | None, *, signed: bool = False) -> str:
        """With the currency.

        >>> Money("EUR", 2).text(4123750).split()
        ['EUR', '41,238']
        """
        if minor is None:
            return MISSING
        return f"{self.currency}\N{NO-BREAK SPACE}{self.plain(minor, signed=signed)}".strip()


def decimal(value: float | None, places: int, *, signed: bool = False) -> str:
    """A fixed number of decimals, thousands apart, a true minus, never a negative zero.

    >>> decimal(-1234.5, 1), decimal(-0.001, 2), decimal(2, 0, signed=True)
    ('−1,234.5', '0.00', '+2')
    """
    if value is None:
        return MISSING
    text = f"{abs(value):,.{places}f}"
    if not any(digit in "123456789" for digit in text):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def significant(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    """So many significant digits, in powers of ten only where zeros would be counted.

    >>> significant(0.0123456), significant(0.9996), significant(1234.5), significant(1.2e-7)
    ('0.0123', '1.00', '1,234', '1.20e−7')
    """
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    if exponent < -5 or exponent > 14:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa}e{int(power)}".replace("-", MINUS)
    return decimal(value, max(0, digits - 1 - exponent), signed=signed)


def count(value: float | None) -> str:
    """Whole things, thousands apart.

    >>> count(58264), count(12.5)
    ('58,264', '12.5')
    """
    if value is None:
        return MISSING
    return decimal(value, 0 if float(value).is_integer() else 1)


def share(value: float | None) -> str:
    """In percent, with more digits towards 0% and 100%, where they matter.

    >>> share(0.4512), share(0.00661), share(0.99912), share(1.0), share(-12.4)
    ('45.1%', '0.66%', '99.912%', '100%', '−1,240%')
    """
    if value is None:
        return MISSING
    if value in (0, 1):
        return f"{abs(value):.0%}"
    return decimal(value * 100, _share_places(value)) + "%"


def _share_places(value: float) -> int:
    if abs(value) >= 10:
        return 0
    room = min(abs(value), abs(1 - value))
    return next((places for least, places in SHARE_PLACES if room >= least), 5)


def chance(value: float | None) -> str:
    """A probability counted over resamples: more digits would be the resamples' noise.

    >>> chance(0.9731), chance(1.0)
    ('97.3%', '100.0%')
    """
    return MISSING if value is None else decimal(value * 100, 1) + "%"


def points(value: float | None) -> str:
    """A difference of two shares, in percentage points.

    >>> points(0.0123).split(), points(-0.3).split()
    (['+1.23', 'pp'], ['−30.0', 'pp'])
    """
    if value is None:
        return MISSING
    places = 1 if abs(value) >= 0.1 else 2 if abs(value) >= 0.00005 or value == 0 else 4
    return decimal(value * 100, places, signed=True) + "\N{NO-BREAK SPACE}pp"


def general(value: float | None, *, signed: bool = False) -> str:
    """A number of no known kind: up to four digits, none of them an idle zero.

    >>> general(0.0071), general(12), general(123456.7)
    ('0.0071', '12', '123,457')
    """
    if value is None:
        return MISSING
    if abs(value) >= 1000 or float(value).is_integer():
        return decimal(value, 0, signed=signed)
    return f"{value:{'+' if signed else ''}.4g}".replace("-", MINUS)


def compact(value: float, _position: object = None) -> str:
    """For the ticks of an axis.

    >>> compact(1500), compact(-2000000.0), compact(0.25), compact(3e18)
    ('1.5k', '−2m', '0.25', '3e18')
    """
    if abs(value) >= 1e15:
        return f"{value:.2g}".replace("-", MINUS).replace("e+", "e")
    for size, suffix in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{suffix}".replace("-", MINUS)
    return f"{value:.3g}".replace("-", MINUS)


def percent(value: float, _position: object = None) -> str:
    """For the ticks of an axis of shares.

    >>> percent(0.001), percent(0.25), percent(-1)
    ('0.1%', '25%', '−100%')
    """
    return f"{value * 100:.6g}%".replace("-", MINUS)


def few(positives: int | None) -> bool:
    """Whether a figure rests on too few positives to be read as one."""
    return positives is not None and positives < FEW


def too_few(positives: int | None) -> str:
    """Why a number is not to be relied on.

    >>> too_few(1)
    'too few: 1 positive, 20 needed'
    """
    return f"too few: {positives} positive{'' if positives == 1 else 's'}, {FEW} needed"
