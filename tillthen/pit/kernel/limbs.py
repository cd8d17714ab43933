"""Exact integers as limbs, so that sums do not depend on order and cannot overflow on the way.

A number is a column of an int64 matrix of shape (limbs, n), least significant limb first, and means
sum(limb[j] * 2**(32 j)). Limbs may be unnormalised, of either sign; summing billions of normalised ones stays below
2**63. A double is such an integer times a power of two common to the matrix: sums of doubles are exact until the one
rounding at the end, which is what ``math.fsum`` gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tillthen.runtime.arrays import Bools, Floats, Ints

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def zeros(limbs: int, n: int) -> Ints:
    """A matrix of n zeros."""
    return np.zeros((limbs, n), dtype=np.int64)


def place(limbs: Ints, values: Ints, shift: Ints | int) -> None:
    """Add ``values * 2**shift`` to the matrix; shifts are not negative."""
    shift = np.asarray(shift, dtype=np.int64)
    at, within = shift >> 5, (shift & 31).astype(np.uint64)
    lowest, highest = (int(at.min()), int(at.max())) if at.size else (0, -1)
    magnitude = np.abs(values).view(np.uint64)
    low, high = (magnitude & _LOW) << within, (magnitude >> _32) << within
    sign = np.where(values < 0, -1, 1)
    parts = (low & _LOW, (low >> _32) + (high & _LOW), high >> _32)
    for first in range(lowest, highest + 1):
        here = None if lowest == highest else at == first
        if here is not None and not here.any():
            continue
        for k, part in enumerate(parts):
            signed = part.view(np.int64) * sign
            if first + k < len(limbs):
                limbs[first + k] += signed if here is None else np.where(here, signed, 0)


def normalise(limbs: Ints, room: int = 2) -> tuple[Ints, Ints]:
    """Signs (-1, 0 or 1) and magnitudes with every limb in [0, 2**32); ``room`` limbs are added for carries."""
    carried = _carry(np.vstack([limbs, zeros(room, limbs.shape[1])]))
    negative = carried[-1] < 0
    if negative.any():
        carried = _carry(np.where(negative, -carried, carried))
    sign = np.where(negative, -1, carried.any(axis=0).astype(np.int64))
    return sign, carried


def _carry(limbs: Ints) -> Ints:
    """Propagate carries upwards; the last limb keeps the sign."""
    for j in range(len(limbs) - 1):
        limbs[j + 1] += limbs[j] >> 32
        limbs[j] &= 0xFFFFFFFF
    return limbs


def square(limbs: Ints) -> Ints:
    """The squares of normalised magnitudes, unnormalised."""
    count = len(limbs)
    digits = limbs.view(np.uint64)
    result = zeros(2 * count, limbs.shape[1])
    for i in range(count):
        for j in range(i, count):
            product = digits[i] * digits[j]
            times = 1 if i == j else 2
            result[i + j] += times * (product & _LOW).view(np.int64)
            result[i + j + 1] += times * (product >> _32).view(np.int64)
    return result


def subtract(left: Ints, right: Ints) -> Ints:
    """``left - right``, padded to the longer of the two."""
    result = zeros(max(len(left), len(right)), left.shape[1])
    result[: len(left)] += left
    result[: len(right)] -= right
    return result


def round_to_53_bits(limbs: Ints, exponent: int, *, subnormal: bool = False) -> tuple[Floats, Ints]:
    """Round ``limbs * 2**exponent`` to nearest-even: (mantissas, exponents) with value mantissa * 2**exponent.

    With ``subnormal`` no bit below 2**-1074 is kept, so that the value is a double exactly as ``ldexp`` gives it.
    """
    sign, digits = normalise(limbs)
    head, top, sticky = _leading_64_bits(digits.view(np.uint64))
    lowest = exponent + 32 * (top - 1)
    head, shift, sticky = _shift_up(head, sticky, digits, top)
    lowest = lowest - shift
    drop = np.full(lowest.shape, 11, dtype=np.int64)
    if subnormal:
        drop = np.clip(-1074 - lowest, 11, 63)
    dropped = drop.astype(np.uint64)
    kept = head >> dropped
    rest = head & ((np.uint64(1) << dropped) - np.uint64(1))
    half = np.uint64(1) << (dropped - np.uint64(1))
    up = (rest > half) | ((rest == half) & (sticky | ((kept & np.uint64(1)) == 1)))
    mantissa = (kept + up.astype(np.uint64)).astype(np.float64) * sign
    return mantissa, np.where(sign == 0, 0, lowest + drop)


def _leading_64_bits(digits: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], Ints, Bools]:
    """The top limb that is not zero with the one below it, its index, and whether anything stands two below."""
    count, n = digits.shape
    top = np.full(n, 1, dtype=np.int64)
    for j in range(2, count):
        top[digits[j] != 0] = j
    columns = np.arange(n)
    head = (digits[top, columns] << _32) | digits[top - 1, columns]
    seen = np.zeros(n, dtype=bool)
    below = np.zeros((count, n), dtype=bool)
    for j in range(count):  # below[j]: something is not zero under limb j
        below[j] = seen
        seen |= digits[j] != 0
    sticky = below[np.maximum(top - 2, 0), columns] & (top >= 2)
    return head, top, sticky


def _shift_up(
    head: NDArray[np.uint64], sticky: Bools, digits: Ints, top: Ints
) -> tuple[NDArray[np.uint64], Ints, Bools]:
    """Move the leading bit to bit 63, filling in from the limb below."""
    columns = np.arange(len(head))
    below = np.where(top >= 2, digits[np.maximum(top - 2, 0), columns], 0).view(np.uint64)
    length = _bit_length(head)
    shift = np.where(head == 0, 0, 64 - length)
    short = np.minimum(shift, 32).astype(np.uint64)  # beyond 32 there is no limb below: top is 1
    filled = (head << shift.astype(np.uint64)) | (below >> (_32 - short))
    rest = (below << short) & _LOW
    return filled, shift, sticky | (rest != 0)


def _bit_length(values: NDArray[np.uint64]) -> Ints:
    """Number of bits of each value."""
    high = values >> _32
    upper = np.where(high != 0, high, values & _LOW)
    length: NDArray[Any] = np.frexp(upper.astype(np.float64))[1]  # exact: at most 32 bits
    return length.astype(np.int64) + np.where(high != 0, 32, 0)


def to_double(limbs: Ints, exponent: int = 0) -> Floats:
    """``limbs * 2**exponent`` rounded once to the nearest double, ties to even; beyond the range infinite."""
    mantissa, power = round_to_53_bits(limbs, exponent, subnormal=True)
    with np.errstate(over="ignore"):
        return np.ldexp(mantissa, power) + 0.0


def to_python(limbs: Ints) -> list[int]:
    """Each number as a Python integer."""
    columns = limbs.astype(object)
    return [int(x) for x in sum((columns[j] << (32 * j) for j in range(len(limbs))), np.zeros(limbs.shape[1], object))]
