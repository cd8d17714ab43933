"""Counts, exact distinct counts, and what counts of the true say: rates and whether there is any."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.addends import Addends
from tillthen.pit.kernel.codes import previous_alike, stable_order
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
    seen = pieces.keep(values.valid)
    return pa.array(_distinct_of_runs(values, seen) if seen.monotone else _distinct(values, seen))


def _distinct_of_runs(values: Values, seen: Pieces) -> Ints:
    """Where ranges end in their order, all of one value before a range have ended where the last of them does."""
    sweep = seen.sweep
    before = values.previous if seen.event is None else previous_alike(values.identity[seen.event])
    start, end = sweep.pieces.start, sweep.pieces.end
    fresh = np.maximum(start, np.r_[end, 0][before])
    return np.cumsum(np.bincount(fresh, minlength=seen.rows + 1)[: seen.rows]) - sweep.ended


def _distinct(values: Values, seen: Pieces) -> Ints:
    """Ranges in any order, put in order of their values and starts."""
    code, width = values.codes[seen.events], seen.rows + 1
    by = stable_order(code * width + seen.start)
    value, start, end = code[by], seen.start[by], np.maximum(seen.start, seen.end)[by]
    floor = value * width  # keeps the running maximum of one value from reaching the next
    reach = np.maximum.accumulate(end + floor) - floor
    again = np.r_[False, value[1:] == value[:-1]][: len(value)]
    start = np.maximum(start, np.where(again, np.r_[0, reach[:-1]][: len(value)], 0))
    return Pieces(seen.rows, start, end, np.arange(len(start))).not_empty.sweep.count


AGGREGATIONS = {"count": count, "count_distinct": count_distinct, "rate": rate, "any": any_true}
