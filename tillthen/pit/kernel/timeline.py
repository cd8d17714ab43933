"""Query ranks: times of events as positions among a block's spine rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tillthen.runtime.arrays import Ints

FOREVER = np.iinfo(np.int64).max
FAR = 4 * 10**18
"""Longest span of time that counts, in microseconds; longer ones mean the same."""


@dataclass(frozen=True)
class Timeline:
    """The spine rows of a block, sorted by (key, as_of, tie).

    ``key`` are codes of the block's keys; ``as_of`` microseconds; ``tie`` order codes of the within_tie column with
    -1 for null, or None.
    """

    key: Ints
    as_of: Ints
    tie: Ints | None = None

    def __len__(self) -> int:
        return len(self.key)

    @cached_property
    def _first(self) -> int:
        return int(self.as_of.min())

    @cached_property
    def _span(self) -> int:
        return int(self.as_of.max()) - self._first + 2

    @cached_property
    def _codes(self) -> Ints:
        return self.key * self._span + (self.as_of - self._first)

    @classmethod
    def keys_that_fit(cls, as_of: Ints) -> int:
        """How many keys one timeline may hold before key and time no longer fit one integer."""
        return int(2**62 // (int(as_of.max()) - int(as_of.min()) + 2)) if len(as_of) else 2**31

    def rank(self, key: Ints, time: Ints) -> Ints:
        """Position of the first spine row of ``key`` with ``as_of >= time``, or of the next key's first row."""
        within = np.clip(time, self._first, self._first + self._span - 1) - self._first
        return np.searchsorted(self._codes, key * self._span + within, side="left").astype(np.int64)

    def rank_within_tie(self, key: Ints, time: Ints, tie: Ints) -> Ints:
        """As `rank`, but at ``as_of == time`` only rows whose tie is at least the event's; a null tie never counts."""
        assert self.tie is not None
        low, high = self.rank(key, time), self.rank(key, plus(time, 1))
        starts = np.r_[True, self._codes[1:] != self._codes[:-1]]
        instant = np.cumsum(starts) - 1
        both = np.unique(np.r_[self.tie, tie], return_inverse=True)[1].astype(np.int64)
        width = int(both.max()) + 1 if len(both) else 1
        mine, theirs = both[: len(self.tie)], both[len(self.tie) :]
        at = np.where(low < len(instant), instant[np.minimum(low, len(instant) - 1)], 0)
        found = np.searchsorted(instant * width + mine, at * width + theirs, side="left")
        return np.where(tie < 0, high, np.clip(found, low, high)).astype(np.int64)


def plus(time: Ints, span: int) -> Ints:
    """``time + span``, saturating far beyond the calendar instead of overflowing; `FOREVER` stays."""
    span = min(span, FAR)
    if time.max(initial=0) <= FAR:
        return time + span
    return np.where(time > FAR, time, np.minimum(time, FAR) + span)
