"""The k-th smallest against sorting, for ranges of any kind."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tillthen.pit.kernel.ladder import Ladder
from tillthen.pit.kernel.pieces import Pieces

ROWS = 12
ranges = st.lists(st.tuples(st.integers(0, ROWS), st.integers(0, ROWS), st.integers(0, 9)), max_size=20)


@given(ranges)
def test_every_place_of_every_position(drawn):
    start, end, rank = np.array(drawn, dtype=np.int64).reshape(-1, 3).T
    ladder = Ladder(Pieces(ROWS, start, end), rank)
    for position in range(ROWS):
        seen = sorted(r for s, e, r in drawn if s <= position < e)
        at = np.full(len(seen), position)
        assert ladder.smallest(at, np.arange(len(seen))).tolist() == seen
