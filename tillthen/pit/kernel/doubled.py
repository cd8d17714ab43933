"""Sums of doubles and of their squares in two wide limbs, and variances from them, where that decides the rounding.

Amounts of money differ by few powers of two. Such a double is an integer of two int64 limbs in a common unit, and so is
a window's sum; each limb is exactly a double, and their one floating-point addition rounds the exact sum as it should.
Squares take more bits than two limbs have and are cut off at the lower end. What follows from them is kept as a double
and its rest, with a bound of the error: where both ends of the bound round to the same double, so does the exact value.
The few others are worked out in full (Shewchuk 1997, Adaptive Precision Floating-Point Arithmetic).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tillthen.pit.kernel.addends import Addends
from tillthen.runtime.arrays import Bools, Floats, Ints

_TINY, _HUGE = 2.0**-200, 2.0**200
"""Beyond these, intermediate results may leave the range of doubles."""
_MANTISSA = 53
_SPLIT = 2.0**27 + 1
_ROUNDINGS = 2.0**-98
"""Of n Q and S**2 together: more than all roundings of rests on the way, a dozen of at most 2**-104."""


@dataclass(frozen=True, eq=False)
class TwoLimbs(Addends):
    """Numbers ``(limbs[1] * 2**width + limbs[0]) * 2**unit``, the sum of any of which is one of two exact doubles."""

    width: int = 0

    def doubles(self, totals: Ints) -> tuple[Floats, Floats]:
        """Totals as sums of two doubles, the second not negative and below ``2**width`` units."""
        carry = totals[0] >> self.width
        low, high = totals[0] - (carry << self.width), totals[1] + carry
        return high * 2.0 ** (self.width + self.unit), low * 2.0**self.unit


@dataclass(frozen=True)
class Doubled:
    """A block's doubles in two limbs; ``highest`` is the number of bits above their unit that the two have room for."""

    floats: Floats
    values: TwoLimbs
    highest: int

    @classmethod
    def of(cls, values: Floats) -> Doubled | None:
        """None where the values, which are finite, differ too much."""
        size = np.abs(values)
        greatest = size.max(initial=0.0)
        least = size.min(where=size > 0, initial=_HUGE)
        if not _TINY < least <= greatest < _HUGE:
            return None
        room = len(values).bit_length()
        width = min(62 - room, _MANTISSA - 1)
        unit = _exponent(least) - _MANTISSA
        if _exponent(greatest) - unit > _MANTISSA + width - room:
            return None
        return cls(values, _cut(values, None, unit, width), _MANTISSA + width - room)

    @cached_property
    def squares(self) -> TwoLimbs:
        """Their squares; each is off by less than a unit."""
        product, rest = multiplied(self.floats, self.floats)
        return _cut(product, rest, _exponent(product.max()) - self.highest, self.values.width)


def sums(addends: TwoLimbs, totals: Ints) -> Floats:
    """Totals rounded once to the nearest double, ties to even."""
    high, low = addends.doubles(totals)
    return high + low


def n_squares_minus_square(doubled: Doubled, n: Ints, totals: Ints, squares: Ints) -> tuple[Floats, Bools]:
    """N Q - S**2 rounded once, of windows with N values, their sum S and their squares' sum Q, and where it is sure."""
    sum_, sum_rest = added(*doubled.values.doubles(totals))
    of_squares, squares_rest = added(*doubled.squares.doubles(squares))
    times = n.astype(np.float64)
    left, left_rest = multiplied(times, of_squares)
    right, right_rest = multiplied(sum_, sum_)
    left_rest += times * squares_rest
    right_rest += 2 * sum_ * sum_rest
    difference, rest = added(left, -right)
    rest += left_rest - right_rest
    error = _ROUNDINGS * (left + right) + times * times * 2.0**doubled.squares.unit
    low, high = difference + (rest - error), difference + (rest + error)
    return high, low == high


def multiplied(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The product as its rounded value and the exact rest (Dekker 1971)."""
    product = left * right
    left_high, left_low = _halves(left)
    right_high, right_low = (left_high, left_low) if right is left else _halves(right)
    crossed = left_high * right_low + left_low * right_high
    return product, ((left_high * right_high - product) + crossed) + left_low * right_low


def added(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The sum as its rounded value and the exact rest (Knuth)."""
    total = left + right
    part = total - left
    return total, (left - (total - part)) + (right - part)


def _halves(values: Floats) -> tuple[Floats, Floats]:
    """Two doubles of at most 26 bits each that add up to the value (Veltkamp)."""
    scaled = values * _SPLIT
    high = scaled - (scaled - values)
    return high, values - high


def _cut(values: Floats, rest: Floats | None, unit: int, width: int) -> TwoLimbs:
    """Values in units of ``2**unit``: towards zero to whole high limbs, what is left to the nearest unit."""
    step = 2.0 ** (unit + width)
    high = np.trunc(values / step)
    low = values - high * step
    low = (low if rest is None else low + rest) / 2.0**unit
    return TwoLimbs(np.stack([np.rint(low), high]).astype(np.int64), unit, width)


def _exponent(value: float) -> int:
    """The least e with value < 2**e."""
    return int(np.frexp(value)[1])
