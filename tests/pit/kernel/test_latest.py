"""The latest few events as ranges, against what each position sees."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tillthen.pit.kernel.latest import latest
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.stabbing import latest_events


def pieces_of(ranges, rows):
    start, end, event = (np.array(column, dtype=np.int64) for column in zip(*ranges, strict=True))
    return Pieces(rows, start, end, event)


def seen(pieces):
    """The events that each position sees, latest first."""
    found = [[] for _ in range(pieces.rows)]
    for start, end, event in zip(pieces.start, pieces.end, pieces.events, strict=True):
        for position in range(start, end):
            found[position].append(int(event))
    return [sorted(events, reverse=True) for events in found]


def drawn(random, rows, *, ordered):
    """Ranges of events, some empty, some events with two; in order of time, or known and withdrawn at any time."""
    if ordered:
        starts, ends = (sorted(random.randint(0, rows) for _ in range(12)) for _ in range(2))
        return list(zip(starts, ends, range(12), strict=True))
    found = []
    for event in range(12):
        cuts = sorted(random.sample(range(rows + 1), 4))
        found += [(*cuts[:2], event)] + ([(*cuts[2:], event)] if random.random() < 0.4 else [])
    return found


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("k", "skip"), [(1, 0), (2, 0), (1, 2), (3, 1), (50, 0), (50, 5), (2, 50)])
def test_the_latest_are_those_of_what_is_seen(ordered, seed, k, skip):
    rows = Random(seed).randint(6, 30)
    pieces = pieces_of(drawn(Random(seed), rows, ordered=ordered), rows)
    assert pieces.monotone >= ordered
    found = latest(pieces, k, skip)
    assert seen(found) == [events[skip : skip + k] for events in seen(pieces)]
    assert len(found.start) <= 4 * len(pieces.start)  # however many are kept


def test_no_ranges_have_no_latest():
    none = Pieces(3, *(np.zeros(0, np.int64) for _ in range(3)))
    assert seen(latest(none, 2, 1)) == [[], [], []]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_events_one_by_one_for_some_positions(ordered, seed):
    pieces = pieces_of(drawn(Random(seed), 20, ordered=ordered), 20)
    whole = [(events + [-1] * 3)[:3] for events in seen(pieces)]
    assert latest_events(pieces, 0, 20, 3).tolist() == whole
    assert latest_events(pieces, 7, 9, 3).tolist() == whole[7:9]
