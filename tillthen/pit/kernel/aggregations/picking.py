"""Aggregations that pick an event and give its value: first and last in order, least and greatest by value."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.stabbing import greatest_rank
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Ints


def first(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the earliest event, null or not."""
    assert column is not None
    return _take(events.column(column), earliest_event(events, pieces))


def last(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the latest event, null or not."""
    assert column is not None
    return _take(events.column(column), latest_event(events, pieces))


def last_non_null(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Value of the latest event that has one."""
    assert column is not None
    values = events.column(column)
    return _take(values, latest_event(events, pieces.keep(values.valid)))


def least(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Smallest non-null value; NaN where there is one."""
    assert column is not None
    values = events.column(column)
    descending = values.ascending[::-1]
    if values.is_floating and np.isnan(values.floats).any():
        nan = np.isnan(values.floats)[descending]
        descending = np.concatenate([descending[~nan], descending[nan]])
    return _extreme(values, pieces, descending)


def greatest(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Greatest non-null value; NaN where there is one."""
    assert column is not None
    values = events.column(column)
    return _extreme(values, pieces, values.ascending)


def _extreme(values: Values, pieces: Pieces, by_value: Ints) -> pa.Array:
    """The value of the event that comes last in ``by_value`` among those seen."""
    rank = np.empty(len(by_value), dtype=np.int64)
    rank[by_value] = np.arange(len(by_value))
    found = _pick(pieces.keep(values.valid), rank)
    event = by_value[found] if len(by_value) else found
    return _take(values, np.where(found >= 0, event, -1))


def earliest_event(events: Events, pieces: Pieces) -> Ints:
    """For each row the first of its events, or -1."""
    if pieces.monotone:
        return np.where(pieces.sweep.count > 0, _at(pieces, pieces.sweep.ended), -1)
    last_event = len(events.time) - 1
    found = _pick(pieces, last_event - np.arange(last_event + 1))
    return np.where(found >= 0, last_event - found, -1)


def latest_event(events: Events, pieces: Pieces) -> Ints:
    """For each row the last of its events, or -1."""
    if pieces.monotone:
        return np.where(pieces.sweep.count > 0, _at(pieces, pieces.sweep.started - 1), -1)
    return _pick(pieces, np.arange(len(events.time)))


def _at(pieces: Pieces, index: Ints) -> Ints:
    """The event of the range at ``index``; any where ``index`` is outside."""
    if not len(pieces.start):
        return np.full(len(index), -1)
    return pieces.events[np.clip(index, 0, len(pieces.start) - 1)]


def _pick(pieces: Pieces, rank: Ints) -> Ints:
    """For each row the greatest rank among the events it sees, or -1."""
    seen = pieces.not_empty
    return greatest_rank(seen, rank[seen.events])


def _take(values: Values, event: Ints) -> pa.Array:
    return values.array.take(pa.array(event, mask=event < 0))
