"""Sums and means: exact for integers and decimals, correctly rounded for doubles."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.aggregations.counting import how_many
from tillthen.pit.kernel.doubled import sums
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.limbs import normalise, to_double, to_python
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Floats, Ints

_LARGEST_DECIMAL = 10**38 - 1
_EXACT_IN_DOUBLE = 2**53


class WindowOverflow(Exception):
    """The result at a position does not fit its type."""

    def __init__(self, position: int, type_: str) -> None:
        super().__init__(f"row {position}: the result does not fit {type_}")
        self.position = position
        self.type = type_


def total(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Sum of the non-null values, null where there are none."""
    assert column is not None
    values = events.column(column)
    present = how_many(pieces, values.valid) > 0
    if values.is_floating:
        return pa.array(double_total(values, pieces), mask=~present)
    limbs = pieces.sweep.total(values.parts)
    if pa.types.is_decimal(values.type):
        return _decimals(limbs, present, values.type.scale)
    return pa.array(_integers(limbs), mask=~present)


def mean(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Mean of the non-null values as a double, null where there are none."""
    assert column is not None
    values = events.column(column)
    n = how_many(pieces, values.valid)
    if values.is_floating:
        with np.errstate(invalid="ignore"):
            return pa.array(double_total(values, pieces) / np.maximum(n, 1), mask=n == 0)
    scale = 10**values.type.scale if pa.types.is_decimal(values.type) else 1
    return pa.array(quotients(pieces.sweep.total(values.parts), n, scale), mask=n == 0)


def double_total(values: Values, pieces: Pieces) -> Floats:
    """The exact sum of doubles rounded once; NaN and infinities by the contract."""
    if values.doubled is not None:
        exact = values.doubled.values
        rounded = sums(exact, pieces.sweep.total(exact))
    else:
        rounded = to_double(pieces.sweep.total(values.parts), values.parts.unit)
    return with_special(rounded, values, pieces, values.floats)


def with_special(results: Floats, values: Values, pieces: Pieces, special: Floats) -> Floats:
    """Replace the results of windows that hold NaN or infinities by what these make of a sum."""
    if values.finite.all() or (values.finite == values.valid).all():
        return results
    up = how_many(pieces, values.valid & (special == np.inf)) > 0
    down = how_many(pieces, values.valid & (special == -np.inf)) > 0
    nan = (how_many(pieces, values.valid & np.isnan(special)) > 0) | (up & down)
    return np.select([nan, up, down], [np.nan, np.inf, -np.inf], results)


def _integers(limbs: Ints) -> Ints:
    """The sums as int64; the first that does not fit is an error."""
    if len(limbs) == 1:
        return limbs[0]
    sign, digits = normalise(limbs)
    high = digits[1].view(np.uint64) << np.uint64(32)
    magnitude = digits[0].view(np.uint64) | high
    limit = np.where(sign < 0, np.uint64(2**63), np.uint64(2**63 - 1))
    _refuse(digits[2:].any(axis=0) | (magnitude > limit), "bigint")
    return magnitude.view(np.int64) * sign


def _decimals(limbs: Ints, present: Bools, scale: int) -> pa.Array:
    """The sums as decimal(38, scale); the first that does not fit is an error."""
    sign, digits = normalise(limbs)
    large = digits[4:].any(axis=0) | (digits[3] >= _LARGEST_DECIMAL >> 96)
    for position in np.flatnonzero(large):  # rare: at the very edge compare as Python integers
        if to_python(digits[:, position : position + 1])[0] > _LARGEST_DECIMAL:
            raise WindowOverflow(int(position), f"decimal(38,{scale})")
    words = digits.view(np.uint64)
    low, high = words[0] | words[1] << np.uint64(32), words[2] | words[3] << np.uint64(32)
    negative = sign < 0
    both = np.empty((len(low), 2), dtype=np.uint64)
    both[:, 0] = np.where(negative, ~low + np.uint64(1), low)
    both[:, 1] = np.where(negative, ~high + (low == 0).astype(np.uint64), high)
    validity = pa.array(present).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(38, scale), len(low), [validity, pa.py_buffer(both.tobytes())])


def quotients(limbs: Ints, n: Ints, scale: int) -> Floats:
    """``limbs / (n * scale)`` rounded once: in doubles where both sides are exact there, else as Python integers."""
    if len(limbs) == 1 and scale == 1 and np.abs(limbs[0]).max(initial=0) <= _EXACT_IN_DOUBLE:
        return limbs[0] / np.maximum(n, 1)
    sign, digits = normalise(limbs)
    small = ~digits[2:].any(axis=0) & (digits[1] < _EXACT_IN_DOUBLE >> 32)
    divisor = np.maximum(n, 1)
    exact = small & (divisor <= _EXACT_IN_DOUBLE // scale)
    numerator = (digits[0] + (np.where(small, digits[1], 0) << 32)) * sign
    result = numerator / (divisor * min(scale, _EXACT_IN_DOUBLE)).astype(np.float64)
    rest = np.flatnonzero(~exact)
    if len(rest):
        result[rest] = _python_quotients(limbs[:, rest], divisor[rest], scale)
    return result


def _python_quotients(limbs: Ints, divisor: Ints, scale: int) -> Floats:
    return np.array([x / (int(n) * scale) for x, n in zip(to_python(limbs), divisor, strict=True)])


def _refuse(beyond: Bools, type_: str) -> None:
    if beyond.any():
        raise WindowOverflow(int(np.flatnonzero(beyond)[0]), type_)


AGGREGATIONS = {"sum": total, "mean": mean}
