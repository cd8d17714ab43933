"""Calibration figures against scikit-learn and model-diagnostics, their own identities, and a known truth."""

import numpy as np
import pytest
from model_diagnostics.calibration import identification_function
from model_diagnostics.scoring import LogLoss, SquaredError, decompose
from scipy.stats import binomtest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from benchmarks.intervals import COSTS, bases
from benchmarks.worlds import draw
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.evaluate.results.sensitivity import costs_at
from tillthen.evaluate.statistics.calibration import Scored, amount_bands, calibration_of, corp, cox, histogram

RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.beta(0.5, 8, 40_000)
LABELS = (RANDOM.random(40_000) < TRUTH).astype(np.int64)
AMOUNTS = RANDOM.lognormal(8, 1, 40_000)
TIED = np.round(TRUTH, 2)


def of(probability, labels=LABELS, amounts=AMOUNTS):
    return calibration_of(Scored.rows(probability, labels, amounts))


@pytest.fixture(scope="module")
def of_the_truth():
    return of(TRUTH)


def test_losses_are_those_of_scikit_learn(of_the_truth):
    assert of_the_truth["brier"] == pytest.approx(brier_score_loss(LABELS, TRUTH))
    assert of_the_truth["log_loss"] == pytest.approx(log_loss(LABELS, TRUTH))


@pytest.mark.parametrize("p", [TRUTH, TIED, TRUTH**2], ids=["truth", "ties", "wrong"])
@pytest.mark.parametrize(("loss", "theirs"), [("brier", SquaredError()), ("log_loss", LogLoss())])
def test_decompositions_are_those_of_model_diagnostics(p, loss, theirs):
    inner = np.clip(p, 1e-9, 1)
    found, expected = of(inner), decompose(LABELS, inner, scoring_function=theirs)
    for ours, name in ((f"{loss}_mcb", "miscalibration"), (f"{loss}_dsc", "discrimination"),
                       (f"{loss}_unc", "uncertainty"), (loss, "score")):  # fmt: skip
        assert found[ours] == pytest.approx(expected[name][0], abs=1e-9), name
    assert found[loss] == pytest.approx(found[f"{loss}_mcb"] - found[f"{loss}_dsc"] + found[f"{loss}_unc"])


@pytest.mark.parametrize("p", [TRUTH, TIED], ids=["truth", "ties"])
def test_corp_of_counted_rows_is_isotonic_regression_of_rows(p):
    rows = Scored.rows(p, LABELS, AMOUNTS)
    expected = IsotonicRegression(y_min=0, y_max=1).fit(p, LABELS).predict(rows.p)
    assert corp(rows) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("p", [TRUTH, TRUTH**1.5, TIED])
def test_slope_and_intercept_are_a_logistic_regression(p):
    inner = np.clip(p, 1e-6, 1 - 1e-6)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.log(inner / (1 - inner))[:, None], LABELS)
    assert cox(Scored.rows(inner, LABELS, AMOUNTS)) == pytest.approx(
        (fitted.coef_[0, 0], fitted.intercept_[0]), abs=1e-4
    )


def test_slopes_that_are_infinite_are_not_measured():
    parted = np.r_[np.full(5, 0.1), np.full(5, 0.9)]
    assert cox(Scored.rows(parted, (parted > 0.5).astype(np.int64), np.ones(10))) == (None, None)


def test_true_probabilities_are_calibrated(of_the_truth):
    assert of_the_truth["slope"] == pytest.approx(1, abs=0.05)
    assert of_the_truth["intercept"] == pytest.approx(0, abs=0.1)
    assert of_the_truth["sum_ratio"] == pytest.approx(1, abs=0.05)
    assert of_the_truth["equal_mass_error"] < 0.01
    covered = [
        step["lower"] <= step["score"] <= step["upper"] for step in of_the_truth["reliability"] if step["n"] > 200
    ]
    assert np.mean(covered) > 0.8


def test_steps_have_the_exact_interval_of_their_binomial():
    """A step without positives, one with some, one with positives alone: SciPy's exact test gives their intervals."""
    counts = [(0, 12), (1, 10), (3, 10), (5, 5)]
    p = np.repeat([0.1, 0.2, 0.3, 0.4], [n for _, n in counts])
    labels = np.concatenate([np.repeat([1, 0], [k, n - k]) for k, n in counts])
    steps = of(p, labels, p)["reliability"]
    assert [(step["positives"], step["n"], round(step["score"], 9)) for step in steps] == [
        (*count, score) for count, score in zip(counts, (0.1, 0.2, 0.3, 0.4), strict=True)
    ]
    for step in steps:
        around = binomtest(step["positives"], step["n"]).proportion_ci(0.95, "exact")
        assert (step["lower"], step["upper"]) == pytest.approx((around.low, around.high))


def test_doubled_odds_are_found_out(of_the_truth):
    wrong = of(2 * TRUTH / (1 + TRUTH))
    assert wrong["slope"] == pytest.approx(1, abs=0.05)
    assert wrong["intercept"] == pytest.approx(-np.log(2), abs=0.1)
    assert wrong["brier_mcb"] > 10 * of_the_truth["brier_mcb"]
    assert wrong["brier_dsc"] == pytest.approx(of_the_truth["brier_dsc"])


def test_equal_mass_error_by_hand():
    # ten bands of one row each: |p - y|
    p = np.arange(10) / 10
    labels = (p > 0.55).astype(np.int64)
    assert of(p, labels, p)["equal_mass_error"] == pytest.approx(np.abs(p - labels).mean())


def test_bands_and_bars_hold_every_row_once():
    rows = Scored.rows(TRUTH, LABELS, AMOUNTS)
    bands, bars = amount_bands(rows), histogram(rows)
    for table in (bands, bars):
        assert sum(row["n"] for row in table) == len(TRUTH)
        assert sum(row["positives"] for row in table) == LABELS.sum()
    assert sum(band["expected_amount"] for band in bands) == pytest.approx((TRUTH * AMOUNTS).sum())
    assert sum(band["actual_amount"] for band in bands) == pytest.approx((LABELS * AMOUNTS).sum())


def test_bars_are_four_for_a_power_of_ten_and_hold_their_lower_bound():
    p, labels = np.array([0.0, 5e-7, 1e-6, 0.3, 0.4, 1.0]), np.array([0, 1, 0, 1, 1, 0])
    bars = histogram(Scored.rows(p, labels, p))
    assert len(bars) == 25
    assert [bars[0]["from"], *(bar["to"] for bar in bars)] == pytest.approx([0, *np.logspace(-6, 0, 25)])
    assert {i: (bar["n"], bar["positives"]) for i, bar in enumerate(bars) if bar["n"]} == {
        0: (2, 1), 1: (1, 0), 22: (1, 1), 23: (1, 1), 24: (1, 0)
    }  # fmt: skip


def test_bands_hold_their_lower_bound_and_the_last_its_upper():
    p, labels = np.array([0.0005, 0.001, 0.5, 1.0]), np.array([0, 1, 1, 0])
    bands = amount_bands(Scored.rows(p, labels, np.array([100.0, 200, 40, 10])))
    assert [(band["from"], band["to"], band["n"], band["positives"], band["ratio"]) for band in bands if band["n"]] == [
        (0.0, 0.001, 1, 0, None), (0.001, 0.003, 1, 1, pytest.approx(0.001)), (0.3, 1.0, 2, 1, pytest.approx(0.75))
    ]  # fmt: skip


def test_without_rows_or_positives_nothing_is_made_up():
    none = np.zeros(0)
    assert of(none, none.astype(np.int64), none)["brier"] is None
    quiet = of(np.full(10, 0.01), np.zeros(10, dtype=np.int64), np.ones(10))
    assert (quiet["sum_ratio"], quiet["slope"]) == (None, None)


def test_the_simulators_true_probabilities_are_calibrated_and_scorers_are_not():
    """A world whose truth is known: the truth's miscalibration is noise, a scorer's is more than that."""
    world = draw(3, cards=6000)
    truth = calibration_of(Scored.rows(world.truth, world.label, world.amount))
    assert (truth["slope"], truth["sum_ratio"]) == pytest.approx((1, 1), abs=0.06)
    assert truth["log_loss_mcb"] < 0.02 * truth["log_loss_unc"]
    halved = calibration_of(Scored.rows(world.truth / 2, world.label, world.amount))
    assert halved["sum_ratio"] == pytest.approx(truth["sum_ratio"] / 2)
    assert halved["log_loss_mcb"] > 5 * truth["log_loss_mcb"]
    variance = world.truth * (1 - world.truth)  # E (p - y)^2, which itself varies by p (1 - p) (1 - 2p)^2
    noise = np.sqrt((variance * (1 - 2 * world.truth) ** 2).sum()) / len(world)
    assert abs(truth["brier"] - variance.mean()) < 3 * noise
    assert noise < 0.1 * variance.mean()


def test_true_probabilities_pay_what_they_expect():
    """Bayes minimum risk on true probabilities: what is spent is what was expected, and scorers spend more."""
    world = draw(4, cards=6000)
    table = costs_at(COSTS, bases(world), COSTS.inputs)
    chosen = bayes_minimum_risk(world.truth, table)
    expected = table.expected(world.truth).min(axis=0).sum()
    spent = table.of_decisions(chosen, world.label).sum()
    assert spent == pytest.approx(expected, rel=0.06)
    for scorer in (world.champion, world.challenger):
        assert table.of_decisions(bayes_minimum_risk(scorer, table), world.label).sum() > spent


def test_reliability_steps_are_unbiased_in_the_sense_of_model_diagnostics():
    steps = of(TRUTH)["reliability"]
    recalibrated = np.repeat([step["rate"] for step in steps], [step["n"] for step in steps])
    labels = np.concatenate([np.repeat([1, 0], [s["positives"], s["n"] - s["positives"]]) for s in steps])
    assert np.abs(identification_function(labels, recalibrated).mean()) < 1e-9
