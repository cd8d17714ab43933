"""Positions of events among spine rows, against counting them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tillthen.pit.kernel.timeline import Timeline

spines = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(-1, 3)), min_size=1, max_size=12)
events = st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 7), st.integers(-1, 4)), min_size=1, max_size=8)


@given(spines, events)
def test_the_first_row_that_sees_an_event(spine, found):
    """Rows before: of smaller keys, of smaller times, and at the event's time those whose tie is less than its own."""
    rows = sorted(spine)
    timeline = Timeline(*(np.array([row[i] for row in rows]) for i in range(3)))
    key, time, tie = (np.array([event[i] for event in found]) for i in range(3))
    assert timeline.rank(key, time).tolist() == [sum(row[:2] < event[:2] for row in rows) for event in found]
    assert timeline.rank_within_tie(key, time, tie).tolist() == [
        sum(row[:2] < event[:2] or (row[:2] == event[:2] and (row[2] < event[2] or event[2] < 0)) for row in rows)
        for event in found
    ]
