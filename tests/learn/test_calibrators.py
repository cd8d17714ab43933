"""Calibration maps against independent fits: an optimiser, the min-max formula, and scikit-learn's own wrapper."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, xlogy
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from tillthen.learn.calibration import Calibrator, fit

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.beta(1, 9, 4000)
LABELS = (RANDOM.random(4000) < TRUTH).astype(np.int64)
SCORES = np.clip(TRUTH**0.7 * RANDOM.uniform(0.7, 1.3, 4000), 1e-4, 1 - 1e-4)
GRID = np.linspace(0.001, 0.999, 200)
few = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=2, max_size=25).filter(
    lambda rows: 0 < sum(label for _, label in rows) < len(rows)
)


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
    w = minimised(columns, LABELS, np.ones(4000) if weights is None else weights, [(0, None)])
    expected = expit(w[0] + w[1] * np.log(GRID / (1 - GRID)))
    assert fit("sigmoid", SCORES, LABELS, weights).apply(GRID) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("scores", [SCORES, SCORES**3, 1 - (1 - SCORES) ** 6, np.where(SCORES > 0.1, 0.9, SCORES)])
def test_beta_is_the_least_log_loss_without_negative_weights(scores):
    inner = np.clip(scores, 1e-6, 1 - 1e-6)
    w = minimised(beta_columns(inner), LABELS, np.ones(4000), [(0, None), (0, None)])
    expected = expit(w[0] + beta_columns(GRID) @ w[1:])
    assert fit("beta", inner, LABELS).apply(GRID) == pytest.approx(expected, abs=5e-4)


@given(few)
def test_isotonic_is_the_min_max_formula(rows):
    """f(x) = max over a <= x of min over b >= x of the mean label of scores in [a, b] (Robertson and others, 1988)."""
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    values = np.unique(scores)
    expected = [
        max(min(labels[(scores >= a) & (scores <= b)].mean() for b in values[values >= x]) for a in values[values <= x])
        for x in values
    ]
    assert fit("isotonic", scores / 10, labels).apply(values / 10) == pytest.approx(expected, abs=1e-9)


class _Given(ClassifierMixin, BaseEstimator):
    """A classifier whose probability is its feature."""

    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        return np.column_stack([1 - x[:, 0], x[:, 0]])

    def predict(self, x):
        return (x[:, 0] > 0.5).astype(int)


def test_isotonic_is_what_scikit_learn_calibrates():
    given_ = _Given().fit(SCORES[:, None], LABELS)
    theirs = CalibratedClassifierCV(FrozenEstimator(given_), method="isotonic").fit(SCORES[:, None], LABELS)
    assert fit("isotonic", SCORES, LABELS).apply(GRID) == pytest.approx(theirs.predict_proba(GRID[:, None])[:, 1])


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
