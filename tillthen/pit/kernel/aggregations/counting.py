"""Counts, exact distinct counts, and what counts of the true say: rates and whether there is any."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.addends import Addends
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Ints


def how_many(pieces: Pieces, which: Bools) -> Ints:
    """For each row the number of its events for which ``which`` is true."""
    if which.all():
        return pieces.sweep.count
    return pieces.sweep.total(Addends(which.astype(np.int64)[None, :]))[0]


def count(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Number of events, or of events whose column is not null."""
    return pa.array(pieces.sweep.count if column is None else how_many(pieces, events.column(column).valid))


def rate(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Share of the true among the non-null, null where there are none."""
    assert column is not None
    values = events.column(column)
    true = how_many(pieces, (values.integers != 0) & values.valid)
    known = how_many(pieces, values.valid)
    return pa.array(true / np.maximum(known, 1), mask=known == 0)


def any_true(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Whether one is true, null where all are null."""
    assert column is not None
    values = events.column(column)
    true = how_many(pieces, (values.integers != 0) & values.valid)
    return pa.array(true > 0, mask=how_many(pieces, values.valid) == 0)


def count_distinct(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Number of different non-null values.

    The ranges of one value overlap where a row sees it several times. In order of their starts each is cut back to
    what those before it did not reach; then every row lies in exactly one range of every value that it sees.
    """
    assert column is not None
    values = events.column(column)
    value, start, end = _by_value(values, pieces.keep(values.valid))
    floor = value * (pieces.rows + 1)  # keeps the running maximum of one value from reaching the next
    reach = np.maximum.accumulate(end + floor) if len(end) else end
    start = np.maximum(start, np.where(np.r_[False, value[1:] == value[:-1]], np.r_[0, reach[:-1]] - floor, 0))[
        : len(end)
    ]
    alone = Pieces(pieces.rows, start, end, np.arange(len(start))).not_empty
    return pa.array(alone.sweep.count)


def _by_value(values: Values, pieces: Pieces) -> tuple[Ints, Ints, Ints]:
    """The value's code, start and end of each range, by value and start; empty ranges may be among them."""
    value = values.codes[pieces.events]
    in_order = pieces.event is None and pieces.sweep.by_start is None
    order = values.by_identity if in_order else np.lexsort((pieces.start, value))
    return value[order], pieces.start[order], np.maximum(pieces.start, pieces.end)[order]
