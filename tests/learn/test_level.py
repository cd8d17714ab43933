"""Probabilities add up to the positives, however a model was trained; the order of the rows stays."""

import numpy as np
import pytest
from scipy.special import expit

from tillthen import Model
from tillthen.learn.encoding import Encoding
from tillthen.learn.fitted import load
from tillthen.learn.learner import fit
from tillthen.learn.level import Tally, level, raised

RANDOM = np.random.default_rng(6)
N = 20_000
FEATURES = RANDOM.normal(size=(N, 2))
LABELS = (RANDOM.random(N) < expit(1.5 * FEATURES[:, 0] - 5.5)).astype(np.int64)
NAMES = Encoding(("signal", "noise"))
HOWS = [
    {"parameters": {"n_estimators": 5}},
    {"parameters": {"learning_rate": 0.02}},
    {"parameters": {"n_estimators": 300, "max_depth": 2, "learning_rate": 0.05}, "early_stopping": 3},
    {"parameters": {"max_depth": 2}, "positive_weight": 100},
    {"parameters": {"max_depth": 2, "scale_pos_weight": 100}},
    {"parameters": {"max_depth": 2, "base_score": 0.01}},
    {"parameters": {"max_depth": 2, "n_estimators": 20}, "negatives_kept": 0.5, "positive_weight": 5},
    {"learner": "logistic_regression"},
    {"learner": "logistic_regression", "positive_weight": 100},
    {"learner": "logistic_regression", "parameters": {"class_weight": "balanced"}},
    {"learner": "decision_tree", "parameters": {"max_depth": 4}, "positive_weight": 100},
    {"learner": "decision_tree", "parameters": {"max_depth": 4, "class_weight": "balanced"}},
]  # fmt: skip


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_the_probabilities_of_the_training_rows_add_up_to_their_positives(how):
    model = Model("m", **how)
    rows = (LABELS == 1) | (RANDOM.random(N) < model.negatives_kept)
    features, labels = FEATURES[rows], LABELS[rows]
    fitted = fit(model, NAMES, features, labels, np.arange(rows.sum()) > 0.8 * rows.sum())
    counts = np.where(labels == 1, 1, 1 / model.negatives_kept)
    assert (fitted.score(features) * counts).sum() == pytest.approx(labels.sum(), rel=1e-9)


FORESTS = [{}, {"max_depth": 6}, {"bootstrap": False, "max_depth": 4}]


@pytest.mark.parametrize("grown", FORESTS, ids=str)
@pytest.mark.parametrize("how", [{}, {"positive_weight": 100}, {"negatives_kept": 0.2}], ids=str)
def test_a_forest_is_at_its_level_by_the_rows_that_its_trees_have_not_seen(grown, how):
    model = Model("m", "random_forest", {"n_estimators": 50, **grown}, **how)
    rows = (np.arange(N) < N / 2) & ((LABELS == 1) | (RANDOM.random(N) < model.negatives_kept))
    fitted = fit(model, NAMES, FEATURES[rows], LABELS[rows])
    later = np.arange(N) >= N / 2
    assert fitted.score(FEATURES[later]).sum() == pytest.approx(LABELS[later].sum(), rel=0.35)
    assert not hasattr(fitted.scorer.pipeline[-1], "oob_decision_function_")


def test_the_order_of_boosted_trees_and_their_bits_elsewhere_stay(tmp_path):
    fitted = fit(Model("m", parameters={"n_estimators": 40}, positive_weight=10), NAMES, FEATURES, LABELS)
    booster = fitted.scorer.booster
    margins = booster.inplace_predict(FEATURES, predict_type="margin").astype(np.float64)
    assert (fitted.score(FEATURES) == expit(margins + fitted.level)).all()
    order = np.argsort(margins, kind="stable")
    assert (np.diff(fitted.score(FEATURES)[order]) >= 0).all()
    assert len(np.unique(fitted.score(FEATURES))) == len(np.unique(margins))
    fitted.save(tmp_path)
    assert (load(tmp_path).score(FEATURES) == fitted.score(FEATURES)).all()


def test_the_level_is_the_number_that_is_missing():
    odds = np.array([-3.0, 0.0, 1.0])
    found = level(Tally(odds, np.array([50.0, 20.0, 5.0]), 12.0), 0.0)
    assert np.dot([50, 20, 5], expit(odds + found)) == pytest.approx(12, rel=1e-12)
    # Rows that are sure stay so: 3 of 4 are positive whatever is added, and the search stays where it began.
    sure = Tally(np.array([-np.inf, np.inf]), np.array([1.0, 3.0]), 3.0)
    assert level(sure, -2.0) == -2.0
    assert raised(np.array([0.0, 1.0]), -2.0).tolist() == [0.0, 1.0]
