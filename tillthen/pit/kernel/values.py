"""One column of a block's events: its order, its exact parts, its equality."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.pit.kernel.addends import Addends
from tillthen.pit.kernel.codes import (
    bytes_codes,
    decimal_codes,
    decimal_words,
    float_codes,
    floats_of,
    previous_alike,
    ranks,
)
from tillthen.pit.kernel.doubled import Doubled
from tillthen.pit.kernel.limbs import normalise, place, square, zeros
from tillthen.runtime.arrays import Bools, Floats, Ints, as_numpy, taken

_DECIMAL_LIMBS = 4
_ROOM = 2.0**62
"""Integers whose magnitudes add up to less need no splitting: no sum of any of them leaves 64 bits."""


class Values:
    """A column as the kernel needs it; each view of it is made when first asked for, and once."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array
        self.type: pa.DataType = array.type

    @property
    def is_floating(self) -> bool:
        """Whether the values are doubles or floats."""
        return bool(pa.types.is_floating(self.type))

    @cached_property
    def valid(self) -> Bools:
        """Which values are not null."""
        return as_numpy(pc.is_valid(self.array)).astype(bool)

    @cached_property
    def floats(self) -> Floats:
        """Doubles, 0 where null; every NaN is the one quiet NaN, so that sums do not warn of signalling ones."""
        floats = as_numpy(pc.fill_null(pc.cast(self.array, pa.float64()), 0.0))
        nan = np.isnan(floats)
        return np.where(nan, np.nan, floats) if nan.any() else floats

    @cached_property
    def integers(self) -> Ints:
        """Integers, booleans, dates and times as int64, 0 where null."""
        array = self.array
        if pa.types.is_date32(self.type):
            array = array.cast(pa.int32())
        return as_numpy(pc.fill_null(pc.cast(array, pa.int64()), 0))

    @cached_property
    def finite(self) -> Bools:
        """Which values take part in exact sums: not null, not NaN, not infinite."""
        return self.valid & np.isfinite(self.floats) if self.is_floating else self.valid

    @cached_property
    def sortable(self) -> Ints:
        """Codes that sort as the values do: -0.0 before 0.0, NaN last, strings by their bytes; any where null."""
        if self.is_floating:
            return float_codes(self.floats)
        if pa.types.is_decimal(self.type):
            return decimal_codes(self.array)
        return bytes_codes(self.array) if _is_bytes(self.type) else self.integers

    @cached_property
    def order(self) -> Ints:
        """The same with nulls first."""
        return self.sortable if self.valid.all() else np.where(self.valid, ranks(self.sortable), -1)

    def of(self, codes: Ints, missing: Bools) -> pa.Array:
        """The values that have these codes of `sortable`, null where they are missing."""
        if self.is_floating:
            return pa.array(floats_of(codes), mask=missing).cast(self.type)
        if pa.types.is_decimal(self.type) or _is_bytes(self.type):
            return taken(self.array, np.where(missing, -1, self._with_code[np.where(missing, 0, codes)]))
        whole = pa.int32() if pa.types.is_date32(self.type) else pa.int64()
        return pa.array(codes, mask=missing).cast(whole).cast(self.type)

    @cached_property
    def _with_code(self) -> Ints:
        """For each code of `sortable` the position of a value that has it."""
        valid = np.flatnonzero(self.valid)
        positions = np.zeros(int(self.sortable.max(initial=0)) + 1, dtype=np.int64)
        positions[self.sortable[valid]] = valid
        return positions

    @cached_property
    def identity(self) -> Ints:
        """Codes that are equal where values are: -0.0 = 0.0 and NaN = NaN."""
        return float_codes(self.floats + 0.0) if self.is_floating else self.order

    @cached_property
    def codes(self) -> Ints:
        """`identity` in small numbers from 0."""
        return ranks(self.identity)

    @cached_property
    def previous(self) -> Ints:
        """For each value the position of the one before it of the same `identity`, or -1."""
        return previous_alike(self.identity)

    @cached_property
    def alike(self) -> pa.Array:
        """The values with one zero, 0.0, and one NaN, so that those of one `identity` have the same bits."""
        if not self.is_floating:
            return self.array
        return pa.array(self.floats + 0.0, mask=~self.valid).cast(self.type)

    @cached_property
    def doubled(self) -> Doubled | None:
        """Finite doubles, all else 0, and their squares in two limbs; None where they differ too much, or are none."""
        return Doubled.of(np.where(self.finite, self.floats, 0.0)) if self.is_floating else None

    @cached_property
    def parts(self) -> Addends:
        """Limbs of 32 bits: finite values exactly, all else 0."""
        if self.is_floating:
            mantissa, shift, unit = self._mantissas
            limbs = zeros(_limbs_for(shift, 53), len(mantissa))
            place(limbs, mantissa, shift)
            return Addends(limbs, unit)
        if pa.types.is_decimal(self.type):
            return Addends(_decimal_limbs(self.array))
        if self._magnitudes.sum() < _ROOM:
            return Addends(self.integers[None, :])
        limbs = zeros(2, len(self.integers))
        place(limbs, self.integers, 0)
        return Addends(limbs)

    @cached_property
    def _magnitudes(self) -> Floats:
        return np.abs(self.integers.astype(np.float64))

    @cached_property
    def squares(self) -> Addends:
        """Limbs of the squares."""
        if pa.types.is_decimal(self.type):
            return Addends(_squares_of_limbs(self.parts.limbs))
        if self.is_floating:
            mantissa, shift, unit = self._mantissas
        else:
            if (self._magnitudes**2).sum() < _ROOM:
                return Addends((self.integers * self.integers)[None, :])
            mantissa, shift, unit = self.integers, np.zeros(len(self.integers), dtype=np.int64), 0
        if len(mantissa) and np.abs(mantissa).view(np.uint64).max() >= 1 << 54:
            return Addends(_squares_of_limbs(self.parts.limbs))
        high, low = np.abs(mantissa) >> 27, np.abs(mantissa) & ((1 << 27) - 1)
        limbs = zeros(_limbs_for(2 * shift, 108), len(mantissa))
        place(limbs, low * low, 2 * shift)
        place(limbs, 2 * high * low, 2 * shift + 27)
        place(limbs, high * high, 2 * shift + 54)
        return Addends(limbs, 2 * unit)

    @cached_property
    def _mantissas(self) -> tuple[Ints, Ints, int]:
        """Doubles as mantissa * 2**(shift + unit) with 53-bit integer mantissas and shifts from 0."""
        fraction, power = np.frexp(np.where(self.finite, self.floats, 0.0))
        mantissa = (fraction * 2.0**53).astype(np.int64)
        power = power.astype(np.int64) - 53
        unit = int(power[mantissa != 0].min()) if mantissa.any() else 0
        return mantissa, np.where(mantissa == 0, 0, power - unit), unit


def _limbs_for(shift: Ints, bits: int) -> int:
    return int(((shift.max() if len(shift) else 0) + bits) >> 5) + 1


def _is_bytes(type_: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(kind(type_) for kind in kinds)


def _decimal_limbs(array: pa.Array) -> Ints:
    low, high = decimal_words(array)
    limbs = zeros(_DECIMAL_LIMBS, len(low))
    limbs[0] = (low & np.uint64(0xFFFFFFFF)).view(np.int64)
    limbs[1] = (low >> np.uint64(32)).view(np.int64)
    limbs[2] = high & 0xFFFFFFFF
    limbs[3] = high >> 32
    return limbs


def _squares_of_limbs(limbs: Ints) -> Ints:
    return normalise(square(normalise(limbs, room=1)[1]), room=0)[1]
