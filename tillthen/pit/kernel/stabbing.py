"""Stabbing maxima: of the ranges that hold a position, the greatest rank or the greatest few."""

from __future__ import annotations

import numpy as np

from tillthen.pit.kernel.codes import stable_order
from tillthen.pit.kernel.pieces import Pieces, floor_log2
from tillthen.runtime.arrays import Ints

LOWEST = np.iinfo(np.int64).min


def greatest(pieces: Pieces, codes: Ints, none: int = -1) -> Ints:
    """For each position the greatest of the ``codes`` of the ranges that hold it.

    ``none``, which no code is below, where no range does.
    """
    if pieces.monotone:
        return _of_runs(pieces, codes, none)
    full = pieces.start < pieces.end
    return _of_ranges(pieces.rows, pieces.start[full], pieces.end[full], codes[full], none)


def _of_runs(pieces: Pieces, codes: Ints, none: int) -> Ints:
    """Where what a position sees is a run of ranges: a sparse table, of which one level is kept at a time.

    A run is the union of two of length 2**floor(log2 of its length). O((ranges + rows) log ranges).
    """
    first, last = pieces.sweep.ended, pieces.sweep.started
    level = pieces.sweep.level
    found = np.full(pieces.rows, none, dtype=np.int64)
    table = codes
    for k in range(int(level.max(initial=-1)) + 1):
        rows = np.flatnonzero(level == k)
        found[rows] = np.maximum(table[first[rows]], table[last[rows] - (1 << k)])
        table = np.maximum(table[: -1 << k], table[1 << k :])
    return found


def _of_ranges(rows: int, start: Ints, end: Ints, codes: Ints, none: int) -> Ints:
    """Any ranges that are not empty, the other way round: a dual sparse table, of which one level is kept at a time.

    A range is the union of two of length 2**floor(log2 of its length): their codes are entered at that level, and pass
    down to their halves, to single positions at last. O(ranges + rows log rows).
    """
    level = floor_log2(end - start)
    order = stable_order(level)
    ends = np.cumsum(np.bincount(level))
    table = np.full(rows, none, dtype=np.int64)
    for k in range(len(ends) - 1, -1, -1):
        half = 1 << k
        whole, table = table, table.copy()
        np.maximum(whole[half:], whole[:-half], out=table[half:])
        here = order[ends[k - 1] if k else 0 : ends[k]]
        np.maximum.at(table, start[here], codes[here])
        np.maximum.at(table, end[here] - half, codes[here])
    return table


def latest_events(pieces: Pieces, first: int, last: int, k: int) -> Ints:
    """The ``k`` latest events at the positions [first, last), as a matrix, the latest first, -1 behind a row's."""
    if not pieces.monotone or not len(pieces.start):
        return top_ranks(pieces.within(first, last), k)
    started, ended = pieces.sweep.started[first:last], pieces.sweep.ended[first:last]
    index = started[:, None] - 1 - np.arange(k)
    seen = index >= ended[:, None]
    return np.where(seen, pieces.events[np.where(seen, index, 0)], -1)


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
