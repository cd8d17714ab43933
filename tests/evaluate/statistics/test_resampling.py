"""Two-way resampling against theory where that is exact enough, and against worlds drawn again and again."""

import numpy as np
import pytest
from scipy.stats import norm, t

from tillthen.evaluate.statistics.resampling import FEWEST_DAYS, block, deviations, interval, resample, weights

DAYS, GROUPS = 40, 500


def sums(day, card, columns, days=DAYS):
    """Sums of columns of rows by day, by card and by pair, pairs in as many groups as cards."""
    pair = (card * 1009 + day * 31) % GROUPS
    at = {"day": (day, days), "card": (card % GROUPS, GROUPS), "pair": (pair, GROUPS)}
    return {kind: {name: np.bincount(key, column, minlength=size) for name, column in columns.items()}
            for kind, (key, size) in at.items()}  # fmt: skip


def mean(totals):
    return totals["x"] / totals["n"]


def world(random, *, of_day=0.0, of_card=0.0, n=8000):
    day, card = random.integers(0, DAYS, n), random.integers(0, GROUPS, n)
    effect = of_day * random.standard_normal(DAYS)[day] + of_card * random.standard_normal(GROUPS)[card]
    return day, card, {"x": effect + random.standard_normal(n), "n": np.ones(n)}


@pytest.mark.parametrize(("of_day", "of_card"), [(0, 0), (0.3, 0), (0, 0.3), (0.2, 0.2)])
def test_the_width_is_that_of_the_worlds_own_spread(of_day, of_card):
    """Rows alone, effects of days, of cards, of both: the spread of 300 worlds' means against the intervals' width."""
    random = np.random.default_rng(5)
    means, spreads = [], []
    for _ in range(300):
        day, card, columns = world(random, of_day=of_day, of_card=of_card)
        means.append(columns["x"].mean())
        if len(spreads) < 40:
            spreads.append(deviations(resample(sums(day, card, columns), resamples=300), mean).std())
    few = 1.09  # Student's t with 40 / 3 - 1 degrees of freedom against the normal's 1.96
    assert np.mean(spreads) / few == pytest.approx(np.std(means), rel=0.15)


def test_rows_that_depend_on_nothing_are_not_counted_three_times():
    """A product of day and card weights would make this interval 1.7 times as wide."""
    random = np.random.default_rng(3)
    day, card, columns = world(random)
    spread = deviations(resample(sums(day, card, columns)), mean).std()
    assert spread < 1.35 / np.sqrt(8000)


def test_the_same_seed_gives_the_same_draws():
    random = np.random.default_rng(1)
    by = sums(*world(random))
    first, again, other = (resample(by, resamples=50, seed=seed).draws["card"]["x"] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_every_draw_holds_as_many_clusters_as_there_are():
    assert (weights("card", 30, 100).sum(axis=1) == 30).all()
    assert (weights("day", 31, 100).sum(axis=1) == 31).all()
    assert weights("card", 30, 2000).mean(axis=0) == pytest.approx(np.ones(30), abs=0.1)


def test_days_are_drawn_in_blocks():
    assert [block(days) for days in (1, 20, 42, 64, 365)] == [1, 3, 3, 4, 7]
    drawn = weights("day", 42, 500)
    beside = np.corrcoef(drawn[:, :-1].ravel(), drawn[:, 1:].ravel())[0, 1]
    apart = np.corrcoef(drawn[:, :-5].ravel(), drawn[:, 5:].ravel())[0, 1]
    assert beside > 0.5 > 0.1 > abs(apart)


def test_blocks_of_days_do_not_make_the_interval_too_narrow():
    """One day of 21 differs. Seven blocks of three vary by a seventh less than days do that depend on nothing."""
    by_day = {"x": np.r_[1.0, np.zeros(20)], "n": np.ones(21)}
    whole = {name: column.sum(keepdims=True) for name, column in by_day.items()}
    drawn = resample({"day": by_day, "card": whole, "pair": whole}, resamples=20_000)
    error = by_day["x"].std(ddof=1) / np.sqrt(21)
    few = t.ppf(0.975, 6) / norm.ppf(0.975)
    assert deviations(drawn, mean).std() == pytest.approx(error * few, rel=0.02)


def test_a_paired_difference_is_sharper_than_its_sides():
    random = np.random.default_rng(2)
    day, card, columns = world(random, of_day=2.0)
    around_zero = columns["x"] - columns["x"].mean()
    both = {"a": around_zero + 0.3, "b": around_zero, "n": columns["n"]}
    drawn = resample(sums(day, card, both))
    side = interval(drawn, lambda t: t["a"] / t["n"])
    difference = interval(drawn, lambda t: (t["a"] - t["b"]) / t["n"])
    assert difference.above_zero == 1 > side.above_zero
    assert (difference.lower, difference.upper) == pytest.approx((0.3, 0.3))


def test_what_is_mostly_undefined_has_no_interval():
    random = np.random.default_rng(2)
    day, card, columns = world(random)
    drawn = resample(sums(day, card, columns | {"none": np.zeros(8000)}))
    assert interval(drawn, lambda t: t["none"] / t["none"], 0.5) is None


def test_twenty_days_are_enough():
    random = np.random.default_rng(2)
    day, card, columns = world(random)
    for days, enough in ((FEWEST_DAYS, True), (FEWEST_DAYS - 1, False)):
        drawn = resample(sums(day % days, card, columns, days))
        assert drawn.enough == enough
        assert (interval(drawn, mean) is not None) == enough
