"""A column of a partition's rows that waits in the worker, as the batches brought it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.runtime.arrays import Ints, as_numpy, inverse, taken

CHUNK_BYTES = 1 << 30
"""Of one chunk: text of twice as many is longer than its offsets can say."""
VALUE = 8
"""Bytes that count for a value of no length of its own."""


@dataclass(frozen=True)
class Chunks:
    """A column as it came, in one piece or, where that would be longer than Arrow allows, in several."""

    chunks: list[pa.Array]
    starts: Ints

    @classmethod
    def of(cls, chunks: Sequence[pa.Array]) -> Chunks:
        """One array or more."""
        type_ = chunks[0].type
        short = pa.types.is_primitive(type_) or pa.types.is_decimal(type_)
        whole = [pa.concat_arrays(group) for group in ([chunks] if short else _together(chunks))]
        return cls(whole, np.cumsum([0, *(len(chunk) for chunk in whole[:-1])]))

    @property
    def sizes(self) -> Ints | None:
        """About how many bytes each value takes; None where all take few."""
        if pa.types.is_primitive(self.chunks[0].type) or pa.types.is_decimal(self.chunks[0].type):
            return None
        return np.concatenate([value_bytes(chunk) for chunk in self.chunks])

    def taken(self, at: Ints) -> pa.Array:
        """The values at these places, none of which is negative."""
        if len(self.chunks) == 1:
            return taken(self.chunks[0], at)
        chunk = np.searchsorted(self.starts, at, side="right") - 1
        by = np.argsort(chunk, kind="stable")
        parts = np.split(by, np.searchsorted(chunk[by], np.arange(1, len(self.chunks))))
        found = [one.take(pa.array(at[part] - start))
                 for one, start, part in zip(self.chunks, self.starts, parts, strict=True)]  # fmt: skip
        return pa.concat_arrays(found).take(pa.array(inverse(by)))


def value_bytes(array: pa.Array) -> Ints:
    """About how many bytes each value takes, texts and lists by their lengths."""
    type_ = array.type
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return as_numpy(pc.fill_null(pc.binary_length(array), 0)).astype(np.int64)
    if pa.types.is_struct(type_):
        return np.sum([value_bytes(field) for field in array.flatten()], axis=0, dtype=np.int64)
    if pa.types.is_list(type_) or pa.types.is_map(type_):
        return np.diff(np.r_[0, np.cumsum(value_bytes(array.values))][as_numpy(array.offsets)])
    return np.full(len(array), VALUE)


def _together(chunks: Sequence[pa.Array]) -> Iterator[list[pa.Array]]:
    """Neighbours of `CHUNK_BYTES` in all, or one that has more."""
    group: list[pa.Array] = []
    for chunk in chunks:
        if group and sum(one.nbytes for one in group) + chunk.nbytes > CHUNK_BYTES:
            yield group
            group = []
        group.append(chunk)
    yield group
