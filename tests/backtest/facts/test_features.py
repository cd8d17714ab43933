import math

import numpy as np
import pandas as pd
import pytest

from tillthen.backtest.facts.features import drift_of


def test_the_same_distribution_has_no_drift_and_another_has():
    random = np.random.default_rng(0)
    before, same, moved = (pd.Series(random.normal(mean, 1, 50_000)) for mean in (0, 0, 1))
    assert drift_of(before, same) < 0.001
    # The index of two normals with means a standard deviation apart is 1, but for what the ten bins leave out.
    assert 0.8 < drift_of(before, moved) < 1.0


def test_nulls_are_a_bin_of_their_own():
    before = pd.Series([1.0] * 50 + [np.nan] * 50)
    after = pd.Series([1.0] * 90 + [np.nan] * 10)
    shares = [(50.5, 90.5), (0.5, 0.5), (50.5, 10.5)]  # one cut: up to 1, above it, null
    expected = sum((b - a) / 101.5 * math.log(b / a) for a, b in shares)
    assert drift_of(before, after) == pytest.approx(expected)


def test_names_are_compared_value_by_value():
    before, after = pd.Series(["a"] * 50 + ["b"] * 50), pd.Series(["a"] * 50 + ["c"] * 50)
    shares = [(0.5, 50.5), (50.5, 50.5), (50.5, 0.5)]  # new or null, a, b
    assert drift_of(before, after) == pytest.approx(sum((b - a) / 101.5 * math.log(b / a) for a, b in shares))


@pytest.mark.parametrize("empty", [0, 1])
def test_a_side_without_rows_has_no_index(empty):
    sides = [pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0])]
    sides[empty] = pd.Series([], dtype=float)
    assert drift_of(*sides) is None


def test_a_column_of_nulls_does_not_drift():
    assert drift_of(pd.Series([np.nan] * 5), pd.Series([np.nan] * 5)) == 0
