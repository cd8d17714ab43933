"""Calibration maps against independent fits: an optimiser, the min-max formula, and scikit-learn's isotonic step.

All are fitted to Platt's targets, which stand here as he wrote them: (N+ + 1) / (N+ + 2) and 1 / (N- + 2).
"""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, xlogy
from sklearn.isotonic import IsotonicRegression

from tillthen.learn.calibration import Calibrator, fit

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.beta(1, 9, 4000)
LABELS = (RANDOM.random(4000) < TRUTH).astype(np.int64)
SCORES = np.clip(TRUTH**0.7 * RANDOM.uniform(0.7, 1.3, 4000), 1e-4, 1 - 1e-4)
GRID = np.linspace(0.001, 0.999, 200)
few = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=25).filter(
    lambda rows: 0 < sum(label for _, label in rows) < len(rows)
)


def platt(labels, weights=None):
    weights = np.ones(len(labels)) if weights is None else weights
    positives, negatives = weights[labels == 1].sum(), weights[labels == 0].sum()
    return np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def minimised(columns, labels, weights, bounds):
    """Intercept and coefficients with the least log loss, by L-BFGS with bounds."""

    def loss(w):
        p = expit(w[0] + columns @ w[1:])
        value = -(weights * (xlogy(labels, p) + xlogy(1 - labels, 1 - p))).sum()
        slope = weights * (p - labels)
        return value, np.r_[slope.sum(), columns.T @ slope]

    start = np.r_[0.0, np.ones(columns.shape[1])]
    options = {"maxiter": 5000, "ftol": 1e-14, "gtol": 1e-9}
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *bounds], options=options).x


def beta_columns(p):
    return np.column_stack([np.log(p), -np.log1p(-p)])


@pytest.mark.parametrize("weights", [None, RANDOM.integers(1, 5, 4000).astype(float)], ids=["rows", "weights"])
def test_sigmoid_is_the_least_log_loss_on_log_odds(weights):
    columns = np.log(SCORES / (1 - SCORES))[:, None]
    w = minimised(columns, platt(LABELS, weights), np.ones(4000) if weights is None else weights, [(0, None)])
    expected = expit(w[0] + w[1] * np.log(GRID / (1 - GRID)))
    assert fit("sigmoid", SCORES, LABELS, weights).apply(GRID) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("scores", [SCORES, SCORES**3, 1 - (1 - SCORES) ** 6, np.where(SCORES > 0.1, 0.9, SCORES)])
def test_beta_is_the_least_log_loss_without_negative_weights(scores):
    inner = np.clip(scores, 1e-6, 1 - 1e-6)
    w = minimised(beta_columns(inner), platt(LABELS), np.ones(4000), [(0, None), (0, None)])
    expected = expit(w[0] + beta_columns(GRID) @ w[1:])
    assert fit("beta", inner, LABELS).apply(GRID) == pytest.approx(expected, abs=5e-4)


@given(few)
def test_isotonic_is_the_min_max_formula(rows):
    """f(x) = max over a <= x of min over b >= x of the mean target of scores in [a, b] (Robertson and others, 1988)."""
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    values, targets = np.unique(scores), platt(labels)
    expected = [
        max(
            min(targets[(scores >= a) & (scores <= b)].mean() for b in values[values >= x]) for a in values[values <= x]
        )
        for x in values
    ]
    assert fit("isotonic", scores / 10, labels).apply(values / 10) == pytest.approx(expected, abs=1e-9)


def test_isotonic_is_what_scikit_learn_makes_of_the_targets():
    theirs = IsotonicRegression(out_of_bounds="clip").fit(SCORES, platt(LABELS))
    assert fit("isotonic", SCORES, LABELS).apply(GRID) == pytest.approx(theirs.predict(GRID))


@pytest.mark.parametrize("kind", ["none", "sigmoid", "beta", "isotonic"])
def test_what_a_file_keeps_gives_the_same_bits(kind):
    made = fit(kind, SCORES, LABELS)
    kept = json.loads(json.dumps(made.to_json()))
    edge = np.r_[0.0, GRID, 1.0]
    assert (Calibrator.from_json(kept).apply(edge) == made.apply(edge)).all()
    assert ((made.apply(edge) >= 0) & (made.apply(edge) <= 1)).all()


@pytest.mark.parametrize("kind", ["sigmoid", "beta", "isotonic"])
def test_one_positive_is_enough_to_stay_in_order(kind):
    labels = np.zeros(4000, dtype=np.int64)
    labels[np.argmax(SCORES)] = 1
    found = fit(kind, SCORES, labels).apply(np.sort(SCORES))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("kind", ["sigmoid", "beta", "isotonic"])
def test_a_weight_is_so_many_rows(kind):
    weights = RANDOM.integers(1, 4, 4000)
    many = fit(kind, np.repeat(SCORES, weights), np.repeat(LABELS, weights))
    assert fit(kind, SCORES, LABELS, weights.astype(float)).apply(GRID) == pytest.approx(many.apply(GRID), abs=2e-4)


@pytest.mark.parametrize("kind", ["sigmoid", "beta", "isotonic"])
@pytest.mark.parametrize(("scores", "labels"), [([0.10, 0.11], [0, 1]), ([0.10] * 9 + [0.11], [0] * 9 + [1]),
                                                ([0.0] * 50 + [1.0] * 50, [0] * 50 + [1] * 50)])  # fmt: skip
def test_classes_that_are_parted_are_no_certainty(kind, scores, labels):
    scores, labels = np.array(scores), np.array(labels)
    low, high = fit(kind, scores, labels).apply(np.array([scores.min(), scores.max()]))
    assert (low, high) == pytest.approx((platt(labels).min(), platt(labels).max()), rel=1e-4)


@pytest.mark.parametrize("kind", ["sigmoid", "beta", "isotonic"])
def test_a_few_frauds_far_from_the_rest_keep_their_sum(kind):
    scores = np.r_[RANDOM.uniform(0, 0.01, 20_000), RANDOM.uniform(0.5, 0.9, 20)]
    found = fit(kind, scores, (scores > 0.1).astype(np.int64)).apply(scores)
    assert found.sum() == pytest.approx(20 * 21 / 22 + 20_000 / 20_002, rel=1e-3)
    assert 0 < found.min() < 0.001 < 0.8 < found[-20:].min() <= found.max() < 1
