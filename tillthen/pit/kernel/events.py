"""A block's events, in their order, and the pieces of time in which a window sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tillthen.define.features.window import Window
from tillthen.pit.kernel.latest import latest
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.timeline import FAR, FOREVER, Timeline, plus
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Ints


@dataclass(frozen=True)
class Events:
    """Events of a block in the contract's order: key, event time, known time, sequence columns, selected columns.

    ``time`` is the event time; the event is known at T where ``known_from <= T < known_to``. The first is None where
    that is no later than any window sees it, the second where it stays known. ``tie`` are order codes of the within_tie
    column. ``own_event`` and ``own_row`` pair events with the spine rows that are the same event, sorted by event; they
    are cut out where the feature set excludes them.
    """

    timeline: Timeline
    key: Ints
    time: Ints
    known_from: Ints | None
    known_to: Ints | None
    columns: Mapping[str, Values]
    tie: Ints | None = None
    own_event: Ints | None = None
    own_row: Ints | None = None
    _pieces: dict[tuple[Window, str | None], Pieces] = field(default_factory=dict, repr=False)
    _entered: dict[Window, Ints] = field(default_factory=dict, repr=False)

    def pieces(self, window: Window, where: str | None) -> Pieces:
        """The ranges of spine rows for which each event that passes ``where`` is in the window and known."""
        if (window, where) not in self._pieces:
            self._pieces[window, where] = self._make(window, where)
        return self._pieces[window, where]

    def _make(self, window: Window, where: str | None) -> Pieces:
        if window.k is not None:
            seen = self.pieces(Window(window.length, window.offset, window.closed), where)
            return latest(seen, window.k, window.skip)
        if where is not None:
            return self.pieces(window, None).keep(self.passing(where))
        pieces = Pieces(len(self.timeline), *(self._ahead(window) if window.ahead else self._visible(window)))
        if self.own_event is None or self.own_row is None:
            return pieces
        return pieces.without(self.own_event, self.own_row)

    def _visible(self, window: Window) -> tuple[Ints, Ints]:
        since = Window(None, window.offset, window.closed)
        if since not in self._entered:
            enters = self._enters(since)
            self._entered[since] = enters if self._known is None else np.maximum(enters, self._known)
        return self._entered[since], self._leaves(window)

    def _ahead(self, window: Window) -> tuple[Ints, Ints]:
        """The rows with as_of <= event_time < as_of + length (left) or as_of < event_time <= as_of + length (right)."""
        assert window.length is not None
        open_ = int(window.closed == "left")
        early = plus(self.time, open_ - min(window.length.micros, FAR))
        return self.timeline.rank(self.key, early), self.timeline.rank(self.key, plus(self.time, open_))

    @cached_property
    def _known(self) -> Ints | None:
        """The first row for which each event is known."""
        return None if self.known_from is None else self.timeline.rank(self.key, self.known_from)

    @cached_property
    def _ends(self) -> Ints:
        """The first row for which each event is not known any more; the next key's first where there is none."""
        return self.timeline.rank(self.key, np.full_like(self.key, FOREVER) if self.known_to is None else self.known_to)

    def _enters(self, window: Window) -> Ints:
        """The first row with event_time < as_of - offset (left) or event_time <= as_of - offset (right)."""
        moved = plus(self.time, window.offset.micros)
        if window.closed == "left":
            return self.timeline.rank(self.key, plus(moved, 1))
        if self.tie is not None and window.offset.micros == 0:
            return self.timeline.rank_within_tie(self.key, moved, self.tie)
        return self.timeline.rank(self.key, moved)

    def _leaves(self, window: Window) -> Ints:
        """The first row with as_of - offset - length > event_time (left) or >= event_time (right), or not known."""
        if window.length is None:
            return self._ends
        span = min(window.offset.micros, FAR) + min(window.length.micros, FAR)
        moved = plus(self.time, span)
        leaves = self.timeline.rank(self.key, plus(moved, 1) if window.closed == "left" else moved)
        return leaves if self.known_to is None else np.minimum(leaves, self._ends)

    def column(self, expression: str) -> Values:
        """The values of an expression."""
        return self.columns[expression]

    def passing(self, condition: str) -> Bools:
        """The events for which a condition is true; null is false."""
        values = self.column(condition)
        return (values.integers != 0) & values.valid
