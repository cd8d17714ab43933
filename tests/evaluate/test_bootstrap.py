"""The two-way bootstrap against normal theory where that is exact enough."""

import numpy as np
import pytest

from tillthen.evaluate.bootstrap import enough_days, interval, resampled_totals

RANDOM = np.random.default_rng(3)
DAYS, CARDS = RANDOM.integers(0, 60, 6000), RANDOM.integers(0, 6000, 6000)


def test_the_same_seed_gives_the_same_totals():
    columns = {"x": RANDOM.random(6000)}
    first, again = (resampled_totals(DAYS, CARDS, columns, resamples=50, seed=1)["x"] for _ in range(2))
    other = resampled_totals(DAYS, CARDS, columns, resamples=50, seed=2)["x"]
    assert (first == again).all()
    assert (first != other).any()


def test_day_effects_widen_the_interval_as_theory_says():
    effect = RANDOM.normal(0, 1, 60)
    columns = {"x": effect[DAYS], "n": np.ones(6000)}
    found = interval(resampled_totals(DAYS, CARDS, columns), lambda t: t["x"] / t["n"])
    expected = 2 * 1.96 * effect.std() / np.sqrt(60)
    assert found.upper - found.lower == pytest.approx(expected, rel=0.2)


def test_a_paired_difference_is_sharper_than_its_sides():
    noise = RANDOM.normal(0, 100, 6000)
    totals = resampled_totals(DAYS, CARDS, {"a": 1.0 + noise, "b": noise})
    side = interval(totals, lambda t: t["a"])
    difference = interval(totals, lambda t: t["a"] - t["b"])
    assert difference.above_zero == 1 > side.above_zero
    assert difference.below_zero == 0


def test_what_is_mostly_undefined_has_no_interval():
    totals = {"a": np.zeros(100), "b": np.zeros(100)}
    assert interval(totals, lambda t: t["a"] / t["b"]) is None


def test_twenty_days_are_enough():
    assert enough_days(np.arange(20))
    assert not enough_days(np.arange(19).repeat(5))
