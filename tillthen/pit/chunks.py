"""A column of a partition's rows that waits in the worker, as the batches brought it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tillthen.runtime.arrays import Ints, inverse, taken


@dataclass(frozen=True)
class Chunks:
    """A column as it came: numbers in one piece, others in several, which together may be longer than Arrow allows."""

    chunks: list[pa.Array]
    starts: Ints

    @classmethod
    def of(cls, chunks: list[pa.Array]) -> Chunks:
        """One array or more."""
        type_ = chunks[0].type
        short = pa.types.is_primitive(type_) or pa.types.is_decimal(type_)
        whole = [pa.concat_arrays(chunks)] if short else chunks
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
        return pa.concat_arrays(found).take(pa.array(inverse(by)))
