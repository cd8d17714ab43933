"""Calibration figures against scikit-learn, against their own identities and against a known truth."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from tillthen.evaluate.calibration import amount_bands, calibration, corp, histogram

RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.beta(0.5, 8, 40_000)
LABELS = (RANDOM.random(40_000) < TRUTH).astype(np.int64)
AMOUNTS = RANDOM.lognormal(8, 1, 40_000)


@pytest.fixture(scope="module")
def of_the_truth():
    return calibration(TRUTH, LABELS, AMOUNTS)


def test_losses_are_those_of_scikit_learn(of_the_truth):
    assert of_the_truth["brier"] == pytest.approx(brier_score_loss(LABELS, TRUTH))
    assert of_the_truth["log_loss"] == pytest.approx(log_loss(LABELS, TRUTH))


@pytest.mark.parametrize("loss", ["brier", "log_loss"])
def test_a_loss_is_miscalibration_less_discrimination_and_uncertainty(of_the_truth, loss):
    parts = [of_the_truth[f"{loss}_{part}"] for part in ("mcb", "dsc", "unc")]
    assert of_the_truth[loss] == pytest.approx(parts[0] - parts[1] + parts[2])
    assert min(parts) >= 0


def test_true_probabilities_are_calibrated(of_the_truth):
    assert of_the_truth["slope"] == pytest.approx(1, abs=0.05)
    assert of_the_truth["intercept"] == pytest.approx(0, abs=0.1)
    assert of_the_truth["sum_ratio"] == pytest.approx(1, abs=0.05)
    assert of_the_truth["equal_mass_error"] < 0.01
    covered = [
        step["lower"] <= step["score"] <= step["upper"] for step in of_the_truth["reliability"] if step["n"] > 200
    ]
    assert np.mean(covered) > 0.8


def test_doubled_odds_are_found_out(of_the_truth):
    doubled = 2 * TRUTH / (1 + TRUTH)
    wrong = calibration(doubled, LABELS, AMOUNTS)
    assert wrong["slope"] == pytest.approx(1, abs=0.05)
    assert wrong["intercept"] == pytest.approx(-np.log(2), abs=0.1)
    assert wrong["brier_mcb"] > 10 * of_the_truth["brier_mcb"]
    assert wrong["brier_dsc"] == pytest.approx(of_the_truth["brier_dsc"])


def test_corp_of_three_rows():
    assert corp(np.array([0.1, 0.2, 0.3]), np.array([0, 1, 0])) == pytest.approx([0, 0.5, 0.5])


def test_bands_and_bars_hold_every_row_once():
    bands, bars = amount_bands(TRUTH, LABELS, AMOUNTS), histogram(TRUTH, LABELS)
    for table in (bands, bars):
        assert sum(row["n"] for row in table) == len(TRUTH)
        assert sum(row["positives"] for row in table) == LABELS.sum()
    assert sum(band["expected_amount"] for band in bands) == pytest.approx((TRUTH * AMOUNTS).sum())


def test_without_rows_or_positives_nothing_is_made_up():
    none = np.zeros(0)
    assert calibration(none, none.astype(np.int64), none)["brier"] is None
    quiet = calibration(np.full(10, 0.01), np.zeros(10, dtype=np.int64), np.ones(10))
    assert (quiet["sum_ratio"], quiet["slope"]) == (None, None)
