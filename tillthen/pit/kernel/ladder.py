"""The k-th smallest rank among the ranges that hold a position."""

from __future__ import annotations

import numpy as np

from tillthen.pit.kernel.pieces import Pieces
from tillthen.runtime.arrays import Ints


class Ladder:
    """A wavelet matrix over the ranks of ranges, once in order of their starts and once in order of their ends.

    A position is held by the ranges that have started before it and not ended: a prefix of the one order without a
    prefix of the other. On each level ranks are parted by one bit, the highest first, and both orders hold the same
    ranks in each part. So the number of zeros that a position sees is the number in the one prefix without that in
    the other, and the k-th smallest is found bit by bit, in O((ranges + positions) log ranks), whatever the ranges.
    """

    def __init__(self, pieces: Pieces, rank: Ints) -> None:
        self._sweep = pieces.sweep
        self._bits = range(int(rank.max(initial=0)).bit_length() - 1, -1, -1)
        self._started = self._levels(rank, self._sweep.by_start)
        in_one_order = self._sweep.by_start is None and self._sweep.by_end is None
        self._ended = self._started if in_one_order else self._levels(rank, self._sweep.by_end)

    def _levels(self, rank: Ints, order: Ints | None) -> list[Ints]:
        """For each bit how many zeros stand before each place of the ranks, which are parted by the bits above."""
        rank = rank if order is None else rank[order]
        levels = []
        for bit in self._bits:
            one = (rank >> bit) & 1 == 1
            levels.append(np.r_[0, np.cumsum(~one)])
            rank = np.concatenate([rank[~one], rank[one]])
        return levels

    def smallest(self, positions: Ints, k: Ints) -> Ints:
        """The k-th smallest rank, from 0, at each of the positions, each of which is held by more than k ranges."""
        started, ended = self._sweep.started[positions], self._sweep.ended[positions]
        found = np.zeros(len(positions), dtype=np.int64)
        for bit, before_start, before_end in zip(self._bits, self._started, self._ended, strict=True):
            started_zeros, ended_zeros = before_start[started], before_end[ended]
            zeros, all_zeros = started_zeros - ended_zeros, before_start[-1]
            one = k >= zeros
            found |= one.astype(np.int64) << bit
            k = np.where(one, k - zeros, k)
            started = np.where(one, all_zeros + started - started_zeros, started_zeros)
            ended = np.where(one, all_zeros + ended - ended_zeros, ended_zeros)
        return found
