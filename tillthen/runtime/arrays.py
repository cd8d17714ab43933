"""Short names for the arrays that pass between rooms, their values at places, and their sums by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sums(at: Ints, values: Floats | Ints, groups: int) -> Floats:
    """The sum of the values in each of so many groups; ``at`` says which group each is in."""
    return np.bincount(at, values, minlength=groups).astype(np.float64)


def as_numpy(array: pa.Array) -> Any:
    """An array without nulls in numpy, copied only where it must be."""
    return array.to_numpy(zero_copy_only=False)


def taken(array: pa.Array, at: Ints) -> pa.Array:
    """The values at these places, null where a place is negative.

    Numbers without nulls are taken as bits, which is several times faster than to take them by indices with nulls.
    """
    missing = at < 0
    if array.null_count or not len(array) or not _is_number(array.type):
        return array.take(pa.array(at, mask=missing))
    bits = np.frombuffer(array.buffers()[1], dtype=f"i{array.type.bit_width // 8}")[array.offset :]
    valid = np.packbits(~missing, bitorder="little") if missing.any() else None
    buffers = [None if valid is None else pa.py_buffer(valid), pa.py_buffer(bits[np.where(missing, 0, at)])]
    return pa.Array.from_buffers(array.type, len(at), buffers)


def inverse(order: Ints) -> Ints:
    """Where each position stands in ``order``."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _is_number(type_: pa.DataType) -> bool:
    """Whether values are numbers of whole bytes, at most eight."""
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_temporal)
    return any(kind(type_) for kind in kinds) and type_.bit_width <= 64
