"""Ranges of positions."""

import gc
import weakref

import numpy as np
import pytest

from tillthen.pit.kernel.pieces import Pieces


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("end", [2, 0], ids=["full", "some empty"])
def test_a_block_s_ranges_go_with_it(no_collector, end):
    # Cycles would keep the arrays of every block until Spark's worker collects, which it does between tasks.
    pieces = Pieces(3, np.array([0, 1]), np.array([end, 2]))
    assert len(pieces.not_empty.start) == (2 if end else 1)
    assert pieces.sweep.count is not None
    gone = weakref.ref(pieces)
    del pieces
    assert gone() is None
