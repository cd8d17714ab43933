"""Training on one node, and what every training checks before it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.learn.encoding import Encoding
from tillthen.learn.fitted import Estimator, Fitted, Rules, boosted
from tillthen.learn.level import Tally, log_odds
from tillthen.learn.parameters import OBJECTIVE, complete, positive_weight, tree_parameters
from tillthen.learn.sampling import facts as sampling_facts
from tillthen.learn.sampling import odds_factor
from tillthen.learn.stopping import METRIC, stopped
from tillthen.runtime.arrays import Bools, Floats, Ints

SINGLE_NODE_CELLS = 200_000_000
"""Rows times features up to which "auto" trains on one node: 1.6 GB of doubles."""

MOST_SINGLE_CELLS = 1_000_000_000
"""The most that one node is given where a model cannot or shall not train distributed: 8 GB of doubles."""

CELLS_A_THREAD = 500_000

BEFORE, VALIDATION = "the training window before its validation part", "its validation part"
"""What early stopping learns from, and what it looks at."""


def placement(model: Model, rows: int, features: int) -> str:
    """Where a model trains: as declared, or by the size of its training frame.

    Only xgboost trains distributed, and its exact trees only on one node.
    """
    if model.placement != "auto" or model.learner == "rules":
        return "single" if model.learner == "rules" else model.placement
    distributable = model.learner == "xgboost" and complete(model)["tree_method"] != "exact"
    return "distributed" if distributable and rows * features > SINGLE_NODE_CELLS else "single"


def check_size(name: str, rows: int, features: int) -> None:
    """Refuse rows that are more than the driver is given, before they are read."""
    if rows * features > MOST_SINGLE_CELLS:
        raise DataContractError(
            sentence(f"{name}: {rows:,} rows of {features:,} features to train on the driver",
                     expected=f"at most {MOST_SINGLE_CELLS:,} values", got=f"{rows * features:,}",
                     fix="Train xgboost with placement='distributed', or lower negatives_kept, or give fewer features.")
        )  # fmt: skip


def check_classes(model: Model, positives: int, rows: int, what: str = "the training window") -> None:
    """Refuse a training set without both classes."""
    if not 0 < positives < rows:
        raise DataContractError(
            sentence(f"Model '{model.name}': {what}", expected="positives and negatives",
                     got=f"{positives} positives in {rows} rows",
                     fix="Lengthen it, or check that labels had arrived by the cut-off.")
        )  # fmt: skip


def rules(model: Model) -> Fitted:
    """A model of declared rules: there is nothing to learn."""
    encoding = Encoding(tuple(model.rules))
    return Fitted(model.name, model.learner, encoding, {"rules": dict(model.rules)}, "single",
                  Rules(tuple(model.rules.values())))  # fmt: skip


def fit(model: Model, encoding: Encoding, features: Floats, labels: Ints, late: Bools | None = None) -> Fitted:
    """Train on one node; the same bits for the same input and seed.

    ``late`` marks the rows that early stopping looks at; it is needed where the model stops early. The level of the
    probabilities is that of these rows, a negative counting for those that were left out; who has these sets it by
    them, since a model that knows its negatives by heart expects too little of others (`tillthen.learn.tally`).
    """
    check_classes(model, int(labels.sum()), len(labels))
    fitted, learned = _fit(model, encoding, features, labels, late)
    told = ~np.isnan(learned)
    counts = np.where(labels == 1, 1.0, 1.0 / model.negatives_kept)
    tally = Tally(learned[told], counts[told], float(labels[told].sum()))
    return fitted.leveled(tally, odds_factor(model))


def votes_out_of_bag(model: Model) -> bool:
    """Whether its level is set by what each row gets from the trees that have not seen it, and so knows no row.

    A forest grown until its leaves are pure is sure of every row that it has seen. One of bounded depth is not, and all
    of its trees tell its level better than the third of them that have not seen a row.
    """
    given = complete(model)
    return model.learner == "random_forest" and bool(given["bootstrap"]) and given["max_depth"] is None


def _fit(
    model: Model, encoding: Encoding, features: Floats, labels: Ints, late: Bools | None
) -> tuple[Fitted, Floats]:  # fmt: skip
    """The model, and the log odds by which its level is set; NaN where a row has none."""
    training: dict[str, Any] = {"sampling": sampling_facts(model)}
    parameters = complete(model)
    if model.learner == "xgboost":
        tree = tree_parameters(model, encoding.features)
        rounds = int(str(parameters["n_estimators"]))
        if model.early_stopping is not None:
            assert late is not None, "a model that stops early is given the rows to look at"
            rounds, training["early_stopping"] = _best_rounds(model, encoding, features, labels, late, tree, rounds)
        booster = _train(tree, _data(model, encoding, features, labels), rounds)
        fitted = boosted(model.name, encoding, booster, parameters=parameters, placement="single", training=training)
        return fitted, fitted.scorer.log_odds(features)
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # of few trees some rows are in every bag
        pipeline = _pipeline(model, encoding, parameters).fit(features, labels)
    unseen = _settle(pipeline, encoding)
    scorer = Estimator(pipeline)
    fitted = Fitted(model.name, model.learner, encoding, parameters, "single", scorer, training=training)
    return fitted, scorer.log_odds(features) if unseen is None else log_odds(unseen)


def _best_rounds(
    model: Model, encoding: Encoding, features: Floats, labels: Ints, late: Bools, tree: Mapping[str, object], most: int
) -> tuple[int, dict[str, Any]]:
    """How many rounds the rows before the validation's learn for the least log loss on the latter."""
    for rows, what in ((~late, BEFORE), (late, VALIDATION)):
        check_classes(model, int(labels[rows].sum()), int(rows.sum()), what)
    validation = _data(model, encoding, features[late], labels[late])
    earlier = _data(model, encoding, features[~late], labels[~late])
    trial = _train({**tree, "eval_metric": METRIC}, earlier, most, validation, model.early_stopping)
    return trial.best_iteration + 1, stopped(model, most, trial.best_iteration, trial.best_score)


def _data(model: Model, encoding: Encoding, features: Floats, labels: Ints) -> xgboost.DMatrix:
    weight = positive_weight(model)
    return xgboost.DMatrix(features, label=labels, weight=None if weight == 1 else np.where(labels == 1, weight, 1.0),
                           feature_names=encoding.tree_names, feature_types=encoding.types, enable_categorical=True,
                           missing=np.nan)  # fmt: skip


def _train(
    tree: Mapping[str, object], data: xgboost.DMatrix, rounds: int, validation: xgboost.DMatrix | None = None,
    patience: int | None = None,
) -> xgboost.Booster:  # fmt: skip
    watched = [] if validation is None else [(validation, "validation")]
    return xgboost.train({**tree, "objective": OBJECTIVE, "nthread": _threads(data)}, data, num_boost_round=rounds,
                         evals=watched, early_stopping_rounds=patience, verbose_eval=False)  # fmt: skip


def _threads(data: xgboost.DMatrix) -> int:
    """As many as have enough to do: on little data they would wait for each other longer than they work."""
    return max(1, min(os.cpu_count() or 1, data.num_row() * data.num_col() // CELLS_A_THREAD))


def _pipeline(model: Model, encoding: Encoding, parameters: Mapping[str, object]) -> Pipeline:
    """Trees take categories by their codes, a regression takes a column for each."""
    seeded: dict[str, Any] = {key: value for key, value in parameters.items() if key != "seed"}
    seeded["random_state"] = model.seed
    if model.positive_weight != 1:
        seeded["class_weight"] = {0: 1.0, 1: model.positive_weight}
    match model.learner:
        case "logistic_regression":
            return make_pipeline(*_standardised(encoding), LogisticRegression(**seeded))
        case "decision_tree":
            return make_pipeline(DecisionTreeClassifier(**seeded))
        case _:
            out_of_bag = votes_out_of_bag(model)
            return make_pipeline(RandomForestClassifier(**seeded, oob_score=out_of_bag, n_jobs=os.cpu_count()))


def _standardised(encoding: Encoding) -> tuple[Any, ...]:
    numbers = (SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    if not encoding.categories:
        return numbers
    named = [i for i, name in enumerate(encoding.features) if name in encoding.categories]
    others = [i for i in range(len(encoding.features)) if i not in named]
    names = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return (ColumnTransformer([("numbers", make_pipeline(*numbers), others), ("names", names, named)]),)


def _settle(pipeline: Pipeline, encoding: Encoding) -> Floats | None:
    """Make scores repeatable, and note which feature each column of a regression came from.

    Gives what a forest's trees say of the rows that each has not seen, and takes it from the forest: it is as long as
    the training window.
    """
    last, unseen = pipeline[-1], None
    if hasattr(last, "n_jobs"):
        last.n_jobs = None  # threads would add the trees' votes in another order each time
    if hasattr(last, "oob_decision_function_"):
        unseen = np.asarray(last.oob_decision_function_[:, 1], dtype=np.float64)
        del last.oob_decision_function_, last.oob_score_
    if isinstance(pipeline[0], ColumnTransformer):
        _, _, others = pipeline[0].transformers_[0]
        _, names, named = pipeline[0].transformers_[1]
        widths = [len(values) for values in names.categories_]
        pipeline[0].origins_ = np.concatenate([np.array(others, dtype=int), np.repeat(named, widths)])
    return unseen
