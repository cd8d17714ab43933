"""Calibration maps on scores whose distortion is known."""

import numpy as np
import pytest

from tillthen.define.faults.errors import DataContractError
from tillthen.learn.calibration import fit

RANDOM = np.random.default_rng(11)
TRUTH = RANDOM.beta(1, 9, 60_000)
LABELS = (RANDOM.random(60_000) < TRUTH).astype(np.int64)
ODDS = TRUTH / (1 - TRUTH)
DISTORTED = 5 * ODDS**2 / (1 + 5 * ODDS**2)  # logit p' = 2 logit p + ln 5


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic", "beta"])
def test_it_undoes_a_distortion_of_the_odds(kind):
    calibrated = fit(kind, DISTORTED, LABELS).apply(DISTORTED)
    assert np.abs(DISTORTED - TRUTH).mean() > 0.02
    assert np.abs(calibrated - TRUTH).mean() < 0.006
    assert (np.diff(calibrated[np.argsort(TRUTH)]) >= 0).all()


def test_none_changes_nothing():
    assert (fit("none", DISTORTED, LABELS).apply(DISTORTED) == DISTORTED).all()


def test_beta_never_turns_the_order_round():
    backwards = fit("beta", 1 - TRUTH, LABELS)
    assert np.isfinite(backwards.apply(np.array([0.0, 0.5, 1.0]))).all()


def test_one_class_is_refused():
    with pytest.raises(DataContractError, match="Calibration 'sigmoid': expected positives and negatives, got 0 pos"):
        fit("sigmoid", TRUTH, np.zeros(len(TRUTH), dtype=np.int64))
