"""Learners on a problem whose answer is known, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tillthen import Model
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.learn.encoding import Encoding
from tillthen.learn.fitted import load
from tillthen.learn.learner import fit, placement
from tillthen.learn.parameters import DEFAULTS, complete
from tillthen.learn.stopping import stopped

NAMES = ("signal", "noise", "constant")
ENCODING = Encoding(NAMES)
RANDOM = np.random.default_rng(5)
FEATURES = np.column_stack([RANDOM.normal(size=4000), RANDOM.normal(size=4000), np.ones(4000)])
TRUTH = 1 / (1 + np.exp(3 - 2 * FEATURES[:, 0]))
LABELS = (RANDOM.random(4000) < TRUTH).astype(np.int64)
SMALL = {"n_estimators": 20, "max_depth": 3}
LEARNERS = {"logistic_regression": {}, "decision_tree": {"max_depth": 4}, "random_forest": SMALL, "xgboost": SMALL}


@pytest.mark.parametrize("learner", LEARNERS)
def test_it_finds_the_signal_is_repeatable_and_survives_the_disk(learner, tmp_path):
    model = Model("m", learner, LEARNERS[learner], seed=3)
    fitted = fit(model, ENCODING, FEATURES, LABELS)
    scores = fitted.score(FEATURES)
    assert roc_auc_score(LABELS, scores) > 0.95 * roc_auc_score(LABELS, TRUTH)
    assert fitted.importance()[0]["feature"] == "signal"
    assert (fit(model, ENCODING, FEATURES, LABELS).score(FEATURES) == scores).all()
    fitted.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert (again.score(FEATURES) == scores).all()
    assert again.features == NAMES
    assert again.parameters == fitted.parameters


@pytest.mark.parametrize("learner", LEARNERS)
def test_missing_values_are_taken_by_every_learner(learner):
    holed = np.where(RANDOM.random(FEATURES.shape) < 0.1, np.nan, FEATURES)
    scores = fit(Model("m", learner, LEARNERS[learner]), ENCODING, holed, LABELS).score(holed)
    assert np.isfinite(scores).all()
    assert roc_auc_score(LABELS, scores) > 0.8


@pytest.mark.parametrize("labels", [np.zeros(4000, dtype=np.int64), np.ones(4000, dtype=np.int64)])
def test_one_class_is_refused_before_training(labels):
    with pytest.raises(DataContractError, match="expected positives and negatives, got"):
        fit(Model("m"), ENCODING, FEATURES, labels)


def test_every_parameter_is_set_and_unknown_ones_are_refused():
    assert complete(Model("m", "xgboost", {"max_depth": 3}))["max_depth"] == 3
    assert {"base_score", "tree_method", "max_bin"} <= set(DEFAULTS["xgboost"])
    with pytest.raises(DefinitionError, match="no parameter 'max_dept'. Did you mean 'max_depth'"):
        complete(Model("m", "xgboost", {"max_dept": 3}))


def test_columns_become_doubles_and_what_cannot_is_named():
    frame = pd.DataFrame({"a": [1, None], "b": [True, False], "c": ["x", "y"], "d": [1.0, np.inf]})
    assert np.isnan(Encoding(("a", "b")).matrix(frame)[1, 0])
    with pytest.raises(DataContractError, match="Feature 'c': expected numbers or booleans"):
        Encoding(("c",)).matrix(frame)
    with pytest.raises(DataContractError, match="Features d hold infinite values"):
        Encoding(("a", "d")).matrix(frame)


def test_size_decides_where_it_trains_unless_declared():
    assert placement(Model("m"), 1000, 10) == "single"
    assert placement(Model("m"), 10**9, 10) == "distributed"
    assert placement(Model("m", parameters={"tree_method": "exact"}), 10**9, 10) == "single"
    assert placement(Model("m", "random_forest"), 10**9, 10) == "single"
    assert placement(Model("m", placement="distributed"), 10, 10) == "distributed"


def test_rounds_that_cannot_be_compared_are_refused():
    model = Model("m", "xgboost", SMALL, early_stopping=5)
    assert stopped(model, 20, 3, 0.25)["best_rounds"] == 4
    with pytest.raises(DataContractError, match="'m': early stopping: expected a log loss to compare rounds by, got n"):
        stopped(model, 20, 0, float("nan"))
