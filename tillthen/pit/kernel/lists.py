"""Lists of values, which are made for a few rows at a time: all of a block's at once would be rows times values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tillthen.runtime.arrays import Bools, Ints

Chosen = Callable[[int, int], Ints]
"""For the block's rows [first, last) the places of values as a matrix, negative behind a row's last one."""


@dataclass(frozen=True)
class Lists:
    """For each row of a block the list of some ``values``, of at most ``most`` of them; null where there is none.

    Rows for which ``hidden`` is true have none. ``order`` are the block's rows in the order in which they are asked
    for, None as they stand.
    """

    values: pa.Array
    chosen: Chosen
    most: int
    hidden: Bools | None = None
    order: Ints | None = None

    def slice(self, first: int, length: int) -> pa.Array:
        """The lists of ``length`` rows, at least one, as of an Arrow array."""
        rows = np.arange(first, first + length) if self.order is None else self.order[first : first + length]
        low, high = int(rows.min()), int(rows.max()) + 1
        chosen = self.chosen(low, high)[rows - low]
        if self.hidden is not None:
            chosen[self.hidden[rows]] = -1
        return _lists(self.values, chosen)

    def take(self, order: Ints) -> Lists:
        """The same lists for the block's rows in another order."""
        return replace(self, order=order)

    def without(self, hidden: Bools) -> Lists:
        """The same lists but for rows that shall have none."""
        return replace(self, hidden=hidden)


def _lists(values: pa.Array, chosen: Ints) -> pa.Array:
    """For each row of a matrix of places the values at those that are not negative; null where there are none."""
    present = chosen >= 0
    length = present.sum(axis=1)
    ends = np.r_[0, np.cumsum(length)].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), values.take(pa.array(chosen[present])), mask=pa.array(length == 0))
