"""Stabbing maxima: of the ranges that hold a position, the greatest rank or the greatest few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tillthen.runtime.arrays import Ints

if TYPE_CHECKING:
    from tillthen.pit.kernel.pieces import Pieces


def greatest_rank(pieces: Pieces, rank: Ints) -> Ints:
    """For each position the greatest ``rank`` (not negative) among the ranges that hold it, or -1.

    A dual sparse table: a range of length n is the union of two ranges of length 2**floor(log2 n); their maxima are
    entered at that level and pushed down, halving, to single positions. O(ranges + rows log rows).
    """
    rows = pieces.rows
    length = pieces.end - pieces.start
    level = np.frexp(length.astype(np.float64))[1].astype(np.int64) - 1
    levels = int(level.max()) + 1 if len(level) else 1
    table = np.full((levels, rows), -1, dtype=np.int64)
    flat = table.reshape(-1)
    np.maximum.at(flat, level * rows + pieces.start, rank)
    np.maximum.at(flat, level * rows + pieces.end - (1 << level), rank)
    for k in range(levels - 1, 0, -1):
        half, upper, lower = 1 << (k - 1), table[k], table[k - 1]
        np.maximum(lower, upper, out=lower)
        np.maximum(lower[half:], upper[: rows - half], out=lower[half:])
    return table[0]


def top_ranks(pieces: Pieces, k: int) -> Ints:
    """For each position the ``k`` latest events among the ranges that hold it, latest first, -1 where there are fewer.

    A segment tree over positions: each range is cut into disjoint nodes, every node keeps its k latest, and nodes
    pass them down to their halves. O((ranges + rows) k log rows).
    """
    size = 1 << max(pieces.rows - 1, 0).bit_length()
    node, event = _cover(pieces, size)
    order = np.lexsort((-event, node))
    node, event = node[order], event[order]
    first = np.r_[True, node[1:] != node[:-1]] if len(node) else np.zeros(0, dtype=bool)
    place = np.arange(len(node)) - np.repeat(np.flatnonzero(first), np.diff(np.r_[np.flatnonzero(first), len(node)]))
    own = np.full((2 * size, k), -1, dtype=np.int64)
    kept = place < k
    own[node[kept], place[kept]] = event[kept]
    slots = own[1:2]
    width = 1
    while width < size:
        width *= 2
        both = np.concatenate([np.repeat(slots, 2, axis=0), own[width : 2 * width]], axis=1)
        slots = -np.sort(-both, axis=1)[:, :k]
    return slots[: pieces.rows]


def _cover(pieces: Pieces, size: int) -> tuple[Ints, Ints]:
    """The disjoint tree nodes whose union is each range, with the range's event."""
    left, right, event = pieces.start + size, pieces.end + size, pieces.events
    nodes, events = [], []
    while len(left):
        for take, at in ((left & 1 == 1, left), (right & 1 == 1, right - 1)):
            nodes.append(at[take])
            events.append(event[take])
        left, right = (left + 1) >> 1, right >> 1
        open_ = left < right
        left, right, event = left[open_], right[open_], event[open_]
    return (np.concatenate(nodes), np.concatenate(events)) if nodes else (np.zeros(0, np.int64), np.zeros(0, np.int64))
