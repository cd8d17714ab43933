"""Aggregations that pick an event and give its value: first and last in order, least and greatest by value."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel import stabbing
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.timeline import FOREVER
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Ints, taken


def first(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the earliest event, null or not."""
    assert column is not None
    return taken(events.column(column).array, earliest_event(events, pieces))


def last(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the latest event, null or not."""
    assert column is not None
    return taken(events.column(column).array, latest_event(events, pieces))


def last_non_null(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the latest event that has one."""
    assert column is not None
    values = events.column(column)
    return taken(values.array, latest_event(events, pieces.keep(values.valid)))


def least(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Smallest non-null value; NaN where there is one."""
    assert column is not None
    values = events.column(column)
    codes = ~values.sortable
    if values.is_floating:
        codes[np.isnan(values.floats)] = FOREVER
    found, missing = _greatest_code(values, pieces, codes)
    return values.of(~found, missing)


def greatest(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Greatest non-null value; NaN where there is one."""
    assert column is not None
    values = events.column(column)
    return values.of(*_greatest_code(values, pieces, values.sortable))


def _greatest_code(values: Values, pieces: Pieces, codes: Ints) -> tuple[Ints, Bools]:
    """For each row the greatest code of its events that have a value, and where there are none."""
    seen = pieces.keep(values.valid)
    found = stabbing.greatest(seen, codes if seen.event is None else codes[seen.event], stabbing.LOWEST)
    return found, seen.sweep.count == 0


def earliest_event(events: Events, pieces: Pieces) -> Ints:
    """For each row the first of its events, or a negative number."""
    if pieces.monotone:
        return _at(pieces, pieces.sweep.ended)
    last_event = len(events.time) - 1
    found = stabbing.greatest(pieces, last_event - pieces.events)
    return np.where(found >= 0, last_event - found, -1)


def latest_event(events: Events, pieces: Pieces) -> Ints:
    """For each row the last of its events, or a negative number."""
    if pieces.monotone:
        return _at(pieces, pieces.sweep.started - 1)
    return stabbing.greatest(pieces, pieces.events)


def _at(pieces: Pieces, index: Ints) -> Ints:
    """The event of the range at ``index`` for rows that any range holds, -1 for others."""
    index = np.where(pieces.sweep.count > 0, index, -1)
    return index if pieces.event is None else np.r_[pieces.event, -1][index]


AGGREGATIONS = {"min": least, "max": greatest, "first": first, "last": last, "last_non_null": last_non_null}
