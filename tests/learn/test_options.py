"""What a model may be told beside its parameters, on problems whose answer is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tillthen import Model
from tillthen.define.faults.errors import DataContractError, DefinitionError, DefinitionErrors
from tillthen.learn.encoding import Encoding, learn_encoding
from tillthen.learn.fitted import load
from tillthen.learn.learner import fit, rules
from tillthen.learn.parameters import complete, tree_parameters
from tillthen.learn.sampling import corrected

RANDOM = np.random.default_rng(8)
N = 20_000
SIGNAL = RANDOM.normal(size=N)
TRUTH = 1 / (1 + np.exp(4 - 1.5 * SIGNAL))
LABELS = (RANDOM.random(N) < TRUTH).astype(np.int64)
ONE = Encoding(("signal",))
TREES = {"n_estimators": 60, "max_depth": 2, "learning_rate": 0.2}
LEARNERS = {"xgboost": TREES, "logistic_regression": {}, "decision_tree": {"max_depth": 4},
            "random_forest": {"n_estimators": 20, "max_depth": 4}}  # fmt: skip


def trained(model, rows=None, late=None):
    chosen = np.ones(N, dtype=bool) if rows is None else rows
    return fit(model, ONE, SIGNAL[chosen, None], LABELS[chosen], None if late is None else late[chosen])


@pytest.mark.parametrize("learner", LEARNERS)
def test_scores_after_undersampling_are_the_probabilities_of_all_rows(learner):
    model = Model("m", learner, LEARNERS[learner], negatives_kept=0.2)
    rows = (LABELS == 1) | (np.random.default_rng(1).random(N) < 0.2)
    scores = trained(model, rows).score(SIGNAL[:, None])
    assert scores.sum() == pytest.approx(LABELS.sum(), rel=0.05)
    assert trained(Model("m", learner, LEARNERS[learner]), rows).score(SIGNAL[:, None]).sum() > 2 * LABELS.sum()


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_weight_of_positives_is_corrected_for(learner):
    scores = trained(Model("m", learner, LEARNERS[learner], positive_weight=10)).score(SIGNAL[:, None])
    assert scores.sum() == pytest.approx(LABELS.sum(), rel=0.06)


def test_the_correction_is_the_published_one():
    # b = 0.1: a score of one half on the sample is one in eleven on all rows
    assert corrected(np.array([0.5]), 0.1)[0] == pytest.approx(1 / 11)
    p, b = np.array([0.02, 0.3, 0.9]), 0.25
    sampled = p / (p + b * (1 - p))
    assert corrected(sampled, b) == pytest.approx(b * sampled / ((b - 1) * sampled + 1))
    assert corrected(sampled, b) == pytest.approx(p)


def test_positives_are_weighed_once():
    with pytest.raises(DefinitionError, match="weighs positives twice: by positive_weight and by 'scale_pos_weight'"):
        complete(Model("m", "xgboost", {"scale_pos_weight": 2.0}, positive_weight=2))


def test_early_stopping_looks_at_the_end_of_the_window_and_then_trains_on_all_of_it():
    late = np.arange(N) >= 0.8 * N
    model = Model("m", "xgboost", {"n_estimators": 500, "max_depth": 4}, early_stopping=10)
    fitted = trained(model, late=late)
    told = fitted.training["early_stopping"]
    assert told["best_rounds"] < 100
    assert fitted.scorer.booster.num_boosted_rounds() == told["best_rounds"]
    whole = trained(Model("m", "xgboost", {"n_estimators": told["best_rounds"], "max_depth": 4}))
    assert (whole.score(SIGNAL[:, None]) == fitted.score(SIGNAL[:, None])).all()


def test_early_stopping_without_positives_to_look_at_is_refused():
    late = (LABELS == 0) & (SIGNAL > 0)
    with pytest.raises(DataContractError, match="Model 'm': its validation part: expected positives and negatives"):
        trained(Model("m", "xgboost", early_stopping=5), late=late)


def test_monotone_constraints_go_by_name():
    model = Model("m", "xgboost", {**TREES, "max_depth": 6}, monotone={"signal": 1})
    assert tree_parameters(model, ("other", "signal"))["monotone_constraints"] == "(0,1)"
    scores = trained(model).score(np.linspace(-4, 4, 500)[:, None])
    assert (np.diff(scores) >= 0).all()
    free = trained(Model("m", "xgboost", {**TREES, "max_depth": 6})).score(np.linspace(-4, 4, 500)[:, None])
    assert (np.diff(free) < 0).any()


SHOPS = np.array(["books", "cards", "games", "travel"])
RISK = {"books": 0.01, "cards": 0.3, "games": 0.02, "travel": 0.25}


def shops():
    random = np.random.default_rng(2)
    named = SHOPS[random.integers(0, 4, 8000)]
    labels = (random.random(8000) < np.array([RISK[name] for name in named])).astype(np.int64)
    return pd.DataFrame({"shop": named, "noise": random.normal(size=8000)}), labels


@pytest.mark.parametrize("learner", LEARNERS)
def test_categories_are_coded_alike_in_training_and_in_scoring(learner, tmp_path):
    frame, labels = shops()
    encoding = learn_encoding(frame, ("noise", "shop"), ("shop",))
    fitted = fit(Model("m", learner, LEARNERS[learner]), encoding, encoding.matrix(frame), labels)
    fitted.save(tmp_path)
    asked = pd.DataFrame({"shop": ["travel", "games", "cards", "books", "flowers", None], "noise": 0.0})
    scores = load(tmp_path).score(load(tmp_path).encoding.matrix(asked))
    assert min(scores[[0, 2]]) > 1.2 * max(scores[[1, 3]])
    assert scores[4] == scores[5]  # a value that training did not have is missing
    assert {row["feature"] for row in fitted.importance()} == {"noise", "shop"}
    assert fitted.importance()[0]["feature"] == "shop"


def test_an_identifier_is_no_category():
    frame = pd.DataFrame({"card": [f"c{i}" for i in range(6000)]})
    with pytest.raises(DataContractError, match="Categorical feature 'card': expected at most 5,000 values, got 6,000"):
        learn_encoding(frame, ("card",), ("card",))


def test_a_constant_feature_is_taken_and_matters_nothing():
    features = np.column_stack([SIGNAL, np.ones(N)])
    for learner, parameters in LEARNERS.items():
        fitted = fit(Model("m", learner, parameters), Encoding(("signal", "one")), features, LABELS)
        assert {row["feature"]: row["gain"] for row in fitted.importance()}["one"] == 0
        assert roc_auc_score(LABELS, fitted.score(features)) > 0.8


def test_rules_score_by_the_greatest_that_holds(tmp_path):
    fitted = rules(Model("m", "rules", rules={"amount > 100": 0.4, "country <> 'GB'": 0.7}))
    fitted.save(tmp_path)
    holds = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [np.nan, 1.0]])
    assert load(tmp_path).score(holds).tolist() == [0.0, 0.4, 0.7, 0.7]
    assert fitted.contributions(holds).tolist() == [[0, 0], [0.4, 0], [0.4, 0.7], [0, 0.7]]


@pytest.mark.parametrize("learner", ["xgboost", "logistic_regression"])
def test_contributions_add_up_to_the_log_odds(learner):
    features = np.column_stack([SIGNAL, np.random.default_rng(3).normal(size=N)])
    fitted = fit(Model("m", learner, LEARNERS[learner]), Encoding(("signal", "noise")), features, LABELS)
    score = fitted.score(features)
    rest = np.log(score / (1 - score)) - fitted.contributions(features).sum(axis=1)
    assert np.ptp(rest) < 1e-4  # the base value


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"learner": "xgboos"}, "unknown learner 'xgboos'. Did you mean 'xgboost'?"),
        ({"learner": "random_forest", "early_stopping": 5}, "'early_stopping' is for xgboost, not for random_forest"),
        ({"early_stopping": 0}, "'early_stopping': expected an integer of at least 1, got 0"),
        ({"validation": 1.0}, "'validation': expected a share between 0 and 1, got 1.0"),
        ({"negatives_kept": 0}, "'negatives_kept': expected a share above 0, at most 1, got 0"),
        ({"positive_weight": -1}, "'positive_weight': expected a finite number above 0, got -1"),
        ({"monotone": {"a": 2}}, "'monotone' of 'a': expected 1 or -1, got 2"),
        ({"features": ["a"], "monotone": {"b": 1}}, "'monotone' names 'b', which it does not use"),
        ({"learner": "rules"}, "expected rules={...} with learner 'rules' and with no other"),
        ({"learner": "rules", "rules": {"a > 1": 2}}, "'rules' of 'a > 1': expected a share from 0 to 1, got 2"),
        ({"learner": "rules", "rules": {"a >": 0.5}}, "is not a row expression"),
    ],
)
def test_what_makes_no_sense_is_refused_when_declared(options, fault):
    with pytest.raises((DefinitionError, DefinitionErrors)) as error:
        Model("m", **options)
    assert fault in str(error.value)
