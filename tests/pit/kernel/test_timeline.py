"""Positions of events among spine rows, against counting them."""

from random import Random

import numpy as np
import pytest

from tillthen.pit.kernel.timeline import Timeline


@pytest.mark.parametrize("seed", range(20))
def test_the_first_row_that_sees_an_event(seed):
    """Rows before: of smaller keys, of smaller times, and at the event's time those whose tie is less than its own."""
    random = Random(seed)
    rows = sorted((random.randint(0, 2), random.randint(0, 2), random.randint(-1, 5)) for _ in range(40))
    events = [(random.randint(0, 2), random.randint(-1, 3), random.randint(-1, 6)) for _ in range(60)]
    timeline = Timeline(*(np.array([row[i] for row in rows]) for i in range(3)))
    key, time, tie = (np.array([event[i] for event in events]) for i in range(3))
    before = [sum(row[:2] < event[:2] for row in rows) for event in events]
    within = [sum(row[:2] == event[:2] and (row[2] < event[2] or event[2] < 0) for row in rows) for event in events]
    assert timeline.rank(key, time).tolist() == before
    assert timeline.rank_within_tie(key, time, tie).tolist() == np.add(before, within).tolist()
