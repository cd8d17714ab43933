"""Keys as codes, the contract's order of spine rows and of events, and blocks of keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.pit.kernel.pairs import pairs
from tillthen.pit.kernel.timeline import Timeline
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Ints

BLOCK_ROWS = 64_000
"""Rows of a block: few enough for its arrays to stay near the processor, enough to outweigh what a step costs."""


def encode(parts: Sequence[pa.Array]) -> list[Ints]:
    """Codes from 0 that are equal where values are, over several arrays of one type; -1 for null."""
    codes = pc.dictionary_encode(together(parts)).indices
    return _split(pc.fill_null(codes.cast(pa.int64()), -1).to_numpy(zero_copy_only=False), parts)


def together(parts: Sequence[pa.Array]) -> pa.Array:
    """Arrays of one type, integers of any width, one behind the other."""
    wide = [part.cast(pa.int64()) if pa.types.is_integer(part.type) else part for part in parts]
    return pa.concat_arrays(wide)


def encode_keys(parts: Sequence[Sequence[pa.Array]]) -> tuple[list[Ints], int]:
    """Codes of composite keys over several parts, -1 where any column is null; and the number of codes."""
    columns = list(zip(*parts, strict=True))
    codes = np.concatenate(encode(columns[0]))
    for column in columns[1:]:
        more = np.concatenate(encode(column))
        null = (codes < 0) | (more < 0)
        both = np.unique(codes * (int(more.max(initial=0)) + 1) + more, return_inverse=True)[1]
        codes = np.where(null, -1, both.astype(np.int64))
    return _split(codes, [part[0] for part in parts]), int(codes.max(initial=-1)) + 1


def _split(codes: Ints, parts: Sequence[pa.Array]) -> list[Ints]:
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return list(np.split(codes, ends))


def event_order(order: Ints, key: Ints, time: Ints, known: Ints, further: Sequence[pa.Array]) -> Ints:
    """``order`` by key and event time, where both are equal by known time and the columns ``further``."""
    same = (np.diff(key[order]) == 0) & (np.diff(time[order]) == 0)
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    rows = order[tied]
    taken = [Values(column.take(pa.array(rows))).order for column in further]
    refined = order.copy()
    refined[tied] = rows[np.lexsort((*reversed(taken), known[rows], time[rows], key[rows]))]
    return refined


def by_key_and_time(key: Ints, time: Ints) -> Ints:
    """Order by key and time, as one integer where both fit into it; in any order where both are equal."""
    if len(key) == 0:
        return np.zeros(0, dtype=np.int64)
    first, last = int(time.min()), int(time.max())
    if (int(key.max()) + 1) * (last - first + 1) < 2**63:
        return np.argsort(key * (last - first + 1) + (time - first))
    return np.lexsort((time, key))


def blocks(keys: int, spine_key: Ints, event_keys: Sequence[Ints], as_of: Ints) -> Iterator[tuple[int, int]]:
    """Ranges [from, to) of keys that hold about `BLOCK_ROWS` rows of the spine and of any stream, or a larger key."""
    events = [np.bincount(key, minlength=keys) for key in event_keys]
    rows = np.bincount(spine_key, minlength=keys) + np.max(events, axis=0)
    reached = np.r_[0, np.cumsum(rows)]
    fit = max(Timeline.keys_that_fit(as_of), 1)
    start = 0
    while start < keys:
        stop = int(np.searchsorted(reached, reached[start] + BLOCK_ROWS, side="right")) - 1
        stop = min(max(stop, start + 1), start + fit, keys)
        yield start, stop
        start = stop


def matches(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Every pair of positions (in ``left``, in ``right``) with equal codes, sorted; codes below 0 match nothing."""
    known = np.flatnonzero(left >= 0)
    by = np.argsort(right, kind="stable")
    at, found = pairs(left[known], right[by])
    return known[at], by[found]
