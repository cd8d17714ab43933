"""Aggregations that give a list of values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.pieces import Pieces
from tillthen.runtime.arrays import Ints


def last_n(events: Events, pieces: Pieces, column: str | None, n: int) -> pa.Array:
    """Values of the n latest events, nulls kept, the latest last; null where there are no events."""
    assert column is not None
    most = int(pieces.sweep.count.max(initial=0))
    return lists(events.column(column).array, pieces.latest_events(min(n, most), 0)[:, ::-1])


def lists(values: pa.Array, chosen: Ints) -> pa.Array:
    """For each row of a matrix of indices the values at those that are not negative; null where there are none."""
    present = chosen >= 0
    length = present.sum(axis=1)
    ends = np.r_[0, np.cumsum(length)].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), values.take(pa.array(chosen[present])), mask=pa.array(length == 0))
