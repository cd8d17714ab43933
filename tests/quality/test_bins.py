from __future__ import annotations

import numpy as np
import pytest

from tillthen.quality.bins import Bins, stability_index


def test_the_index_is_numpys():
    rng = np.random.default_rng(1)
    p, q = rng.integers(1, 1000, 12), rng.integers(1, 1000, 12)
    a, b = (p + 0.5) / (p + 0.5).sum(), (q + 0.5) / (q + 0.5).sum()
    assert stability_index(p.tolist(), q.tolist()) == pytest.approx(np.sum((b - a) * np.log(b / a)), rel=1e-12)


def test_an_empty_bin_is_finite_and_the_index_symmetric():
    index = stability_index([100, 0], [0, 100])
    assert 0 < index < 11
    assert index == pytest.approx(stability_index([0, 100], [100, 0]))


@pytest.mark.parametrize("bins", [Bins(cuts=(1.0, 2.0)), Bins(values=("a",))])
def test_bins_come_back(bins):
    assert Bins.of(bins.facts()) == bins


def test_no_bins():
    assert Bins.of({"counts": []}) is None
