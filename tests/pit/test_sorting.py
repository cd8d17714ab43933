"""Blocks of whole keys."""

from __future__ import annotations

import numpy as np

from tillthen.pit.sorting import BLOCK_ROWS, FEW, blocks


def test_rows_that_hold_many_events_come_in_smaller_blocks():
    key = np.repeat(np.arange(200), 1000)

    def sizes(most_events: int) -> list[int]:
        return [2000 * (last - first) for first, last in blocks(200, key, [key], key, most_events)]

    assert sum(sizes(1)) == sum(sizes(4 * FEW)) == 2 * len(key)
    assert max(sizes(FEW)) == max(sizes(1)) == BLOCK_ROWS
    assert max(sizes(4 * FEW)) == BLOCK_ROWS // 4
    assert set(sizes(10**6)) == {2000}
