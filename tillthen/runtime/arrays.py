"""Short names for the arrays that pass between rooms, and their sums by group."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Chunks:
    """A column as it came: numbers in one piece, others in several, which together may be longer than Arrow allows."""

    chunks: list[pa.Array]
    starts: Ints

    @classmethod
    def of(cls, chunks: list[pa.Array]) -> Chunks:
        """One array or more."""
        whole = [pa.concat_arrays(chunks)] if _is_number(chunks[0].type) else chunks
        return cls(whole, np.cumsum([0, *(len(chunk) for chunk in whole[:-1])]))

    def taken(self, at: Ints) -> pa.Array:
        """The values at these places, none of which is negative."""
        if len(self.chunks) == 1:
            return taken(self.chunks[0], at)
        chunk = np.searchsorted(self.starts, at, side="right") - 1
        by = np.argsort(chunk, kind="stable")
        parts = np.split(by, np.searchsorted(chunk[by], np.arange(1, len(self.chunks))))
        found = [one.take(pa.array(at[part] - start))
                 for one, start, part in zip(self.chunks, self.starts, parts, strict=True)]  # fmt: skip
        back = np.empty(len(by), dtype=np.int64)
        back[by] = np.arange(len(by))
        return pa.concat_arrays(found).take(pa.array(back))


def _is_number(type_: pa.DataType) -> bool:
    """Whether values are numbers of whole bytes, at most eight."""
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_temporal)
    return any(kind(type_) for kind in kinds) and type_.bit_width <= 64
