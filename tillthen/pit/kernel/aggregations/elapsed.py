"""How long ago the first and the last event were, in seconds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tillthen.pit.kernel.aggregations.picking import earliest_event, latest_event
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.pieces import Pieces
from tillthen.runtime.arrays import Ints, taken

MICROSECONDS = 1e6


def time_since_first(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """From the earliest event, or the earliest whose column is not null, to as_of."""
    return _seconds_since(events, earliest_event(events, _with_value(events, pieces, column)))


def time_since_last(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """From the latest event, or the latest whose column is not null, to as_of."""
    return _seconds_since(events, latest_event(events, _with_value(events, pieces, column)))


def _with_value(events: Events, pieces: Pieces, column: str | None) -> Pieces:
    return pieces if column is None else pieces.keep(events.column(column).valid)


def _seconds_since(events: Events, event: Ints) -> pa.Array:
    time = taken(pa.array(events.time), event)
    return pc.divide(pc.subtract(pa.array(events.timeline.as_of), time).cast(pa.float64(), safe=False), MICROSECONDS)


AGGREGATIONS = {"time_since_first": time_since_first, "time_since_last": time_since_last}
