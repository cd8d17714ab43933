"""Blocks of whole keys."""

from __future__ import annotations

import numpy as np

from tillthen.pit.partition.sorting import BLOCK_ROWS, blocks


def test_blocks_are_of_whole_keys():
    key = np.r_[np.repeat(np.arange(200), 1000), np.full(3 * BLOCK_ROWS, 200)]
    found = list(blocks(201, key, [key], key))
    assert [first for first, _ in found] == [0, *(last for _, last in found[:-1])]
    assert [2000 * (last - first) for first, last in found[:-2]] == [BLOCK_ROWS] * 6
    assert found[-1] == (200, 201)
