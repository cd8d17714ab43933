"""Aggregations that give a list of values."""

from __future__ import annotations

from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.lists import Lists
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.stabbing import latest_events


def last_n(events: Events, pieces: Pieces, column: str | None, n: int) -> Lists:
    """Values of the n latest events, nulls kept, the latest last; null where there are no events."""
    assert column is not None
    most = min(n, int(pieces.sweep.count.max(initial=0)))
    return Lists(
        events.column(column).array, lambda first, last: latest_events(pieces, first, last, most)[:, ::-1], most
    )


AGGREGATIONS = {"last_n": last_n}
