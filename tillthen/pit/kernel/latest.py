"""The few latest events of each row, as ranges: no more of them, and no more work, however many a window keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillthen.pit.kernel.codes import stable_order
from tillthen.pit.kernel.ladder import Ladder
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.timeline import FOREVER
from tillthen.runtime.arrays import Ints, inverse


def latest(pieces: Pieces, k: int, skip: int) -> Pieces:
    """For every position the ``k`` latest events after the ``skip`` latest."""
    return _of_runs(pieces, k, skip) if pieces.monotone else _of_ranges(pieces.not_empty, k, skip)


def _of_runs(pieces: Pieces, k: int, skip: int) -> Pieces:
    """Where ranges start and end in order, one is among the latest from the start of the ``skip``-th after it on.

    It stays so until the start of the ``k``-th after that one.
    """
    after = (_shifted(pieces, skip), _shifted(pieces, skip + k))
    return Pieces(pieces.rows, after[0], np.minimum(pieces.end, after[1]), pieces.event)


def _shifted(pieces: Pieces, by: int) -> Ints:
    """For each range the start of the one ``by`` places after it; behind all positions where there is none."""
    return np.concatenate([pieces.start[by:], np.full(min(by, len(pieces.start)), pieces.rows)])


def _of_ranges(pieces: Pieces, k: int, skip: int) -> Pieces:
    """Ranges in any order, one start or end after the other.

    Each of these changes moves the place of every other event by one at most, so it moves an event over each bound.
    """
    changes = _Changes.of(pieces)
    now = changes.kept(k, skip)
    before = _Kept(*(np.r_[none, bound[:-1]] for none, bound in ((FOREVER, now.lowest), (-1, now.highest))))
    came, at = _moved(now, before, np.where(changes.starts, changes.event, -1))
    _, until = _moved(before, now, np.where(changes.starts, -1, changes.event))
    return Pieces(pieces.rows, changes.position[at], changes.position[until], came).not_empty


@dataclass(frozen=True)
class _Kept:
    """At each change the first and the last of the events that are kept: all that are seen between them are."""

    lowest: Ints
    highest: Ints


@dataclass(frozen=True)
class _Changes:
    """Starts and ends of ranges in order of their positions, ends first; ``ranges`` are over these changes."""

    position: Ints
    event: Ints
    starts: np.ndarray
    ranges: Pieces

    @classmethod
    def of(cls, pieces: Pieces) -> _Changes:
        ends = len(pieces.start)
        position = np.r_[pieces.end, pieces.start]
        order = stable_order(position)
        place = inverse(order)
        ranges = Pieces(2 * ends, place[ends:], place[:ends], pieces.events)
        return cls(position[order], np.r_[pieces.events, pieces.events][order], order >= ends, ranges)

    def kept(self, k: int, skip: int) -> _Kept:
        """The bounds after each change, where more events are seen than are skipped."""
        count = self.ranges.sweep.count
        some = np.flatnonzero(count > skip)
        ladder = Ladder(self.ranges, self.ranges.events)
        lowest, highest = np.full(len(count), FOREVER), np.full(len(count), -1)
        lowest[some] = ladder.smallest(some, np.maximum(count[some] - skip - k, 0))
        highest[some] = ladder.smallest(some, count[some] - skip - 1)
        return _Kept(lowest, highest)


def _moved(here: _Kept, there: _Kept, own: Ints) -> tuple[Ints, Ints]:
    """The events that are kept ``here`` and not ``there``, and at which change, in order of both.

    They are the change's ``own``, which is not seen there at all, or at a bound of what is kept here.
    """
    low, high = here.lowest, here.highest
    bounds = [(low, low <= high), (high, low < high)]
    found = [(low <= own) & (own <= high)]
    found += [valid & (bound != own) & ((bound < there.lowest) | (bound > there.highest)) for bound, valid in bounds]
    at = np.concatenate([np.flatnonzero(which) for which in found])
    event = np.concatenate([of[which] for of, which in zip((own, low, high), found, strict=True)])
    order = np.lexsort((at, event))
    return event[order], at[order]
