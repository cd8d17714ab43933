"""Pieces: for which spine rows each event counts.

An event counts for a window while as_of goes from max(event time + offset, known from) to
min(event time + offset + length, known to). In query ranks that is a half-open range of positions. Everything that an
aggregation needs to know about time is in these ranges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tillthen.pit.kernel.addends import Addends
from tillthen.pit.kernel.pairs import pairs
from tillthen.runtime.arrays import Bools, Ints


@dataclass(frozen=True)
class Pieces:
    """Ranges [start, end) of positions among ``rows`` spine rows, each of one event.

    ``event`` are indices of events in their order; None means event i has range i. The ranges of one event are
    disjoint.
    """

    rows: int
    start: Ints
    end: Ints
    event: Ints | None = None

    @cached_property
    def monotone(self) -> bool:
        """Whether ranges start and end in the order of events, so that what a row sees is a run of events."""
        in_order = self.event is None or bool((np.diff(self.event) >= 0).all())
        return in_order and bool((np.diff(self.start) >= 0).all()) and bool((np.diff(self.end) >= 0).all())

    @cached_property
    def events(self) -> Ints:
        """The event of each range."""
        return np.arange(len(self.start)) if self.event is None else self.event

    def keep(self, events: Bools) -> Pieces:
        """Only the ranges of events for which the mask is true."""
        if events.all():
            return self
        chosen = events[self.events]
        return Pieces(self.rows, self.start[chosen], self.end[chosen], self.events[chosen])

    @property
    def not_empty(self) -> Pieces:
        """Only the ranges that hold a position."""
        chosen = self.start < self.end
        if chosen.all():
            return self
        return Pieces(self.rows, self.start[chosen], self.end[chosen], self.events[chosen])

    def without(self, event: Ints, position: Ints) -> Pieces:
        """Cut single positions out of the ranges of single events; ``event`` is sorted."""
        pieces = self.not_empty
        at, hole = _meetings(pieces, event, position)
        if not len(hole):
            return pieces
        owner = np.r_[np.arange(len(pieces.start)), at]
        starts, ends = np.r_[pieces.start, hole + 1], np.r_[pieces.end, hole]
        by_start, by_end = np.lexsort((starts, owner)), np.lexsort((ends, owner))
        cut = Pieces(self.rows, starts[by_start], ends[by_end], pieces.events[owner[by_start]])
        return cut.not_empty

    def within(self, first: int, last: int) -> Pieces:
        """What is left of the ranges at the positions [first, last), which become the first of all."""
        here = np.flatnonzero((self.start < last) & (self.end > first) & (self.start < self.end))
        start, end = np.maximum(self.start[here], first), np.minimum(self.end[here], last)
        return Pieces(last - first, start - first, end - first, self.events[here])

    @cached_property
    def sweep(self) -> Sweep:
        """The running totals over positions."""
        return Sweep(self)


def _meetings(pieces: Pieces, event: Ints, position: Ints) -> tuple[Ints, Ints]:
    """Index of the range and the position, for every (event, position) that lies in a range of that event."""
    at, found = pairs(pieces.events, event)
    hole = position[found]
    inside = (pieces.start[at] <= hole) & (hole < pieces.end[at])
    return at[inside], hole[inside]


class Sweep:
    """Totals over the ranges that hold each position: two prefix sums, in order of starts and of ends."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = replace(pieces, end=np.maximum(pieces.start, pieces.end))
        rows = pieces.rows
        self.started = np.cumsum(np.bincount(self.pieces.start, minlength=rows + 1)[:rows])
        self.ended = np.cumsum(np.bincount(self.pieces.end, minlength=rows + 1)[:rows])

    @cached_property
    def by_start(self) -> Ints | None:
        """Ranges in order of their starts; None where they are in it."""
        return None if bool((np.diff(self.pieces.start) >= 0).all()) else np.argsort(self.pieces.start, kind="stable")

    @cached_property
    def by_end(self) -> Ints | None:
        """Ranges in order of their ends; None where they are in it."""
        return None if bool((np.diff(self.pieces.end) >= 0).all()) else np.argsort(self.pieces.end, kind="stable")

    @cached_property
    def count(self) -> Ints:
        """How many ranges hold each position."""
        return self.started - self.ended

    @cached_property
    def level(self) -> Ints:
        """The greatest k with 2**k <= count, -1 where that is 0."""
        return floor_log2(self.count)

    def total(self, addends: Addends, rows: Ints | None = None) -> Ints:
        """For each position, or some of them, the sum over the ranges that hold it, (limbs, rows)."""
        started, ended = (self.started, self.ended) if rows is None else (self.started[rows], self.ended[rows])
        entered = addends.prefix(self.pieces.event, self.by_start)
        left = entered if self.by_start is None is self.by_end else addends.prefix(self.pieces.event, self.by_end)
        return entered.take(started, axis=1) - left.take(ended, axis=1)


def floor_log2(lengths: Ints) -> Ints:
    """The greatest k with 2**k <= length, -1 for 0."""
    return np.frexp(lengths.astype(np.float64))[1].astype(np.int64) - 1
