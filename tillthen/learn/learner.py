"""Training on one node, and what every training checks before it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tillthen.define.errors import DataContractError, sentence
from tillthen.define.model import Model
from tillthen.learn.encoding import Encoding
from tillthen.learn.fitted import Estimator, Fitted, Rules, boosted
from tillthen.learn.parameters import OBJECTIVE, complete, tree_parameters
from tillthen.learn.sampling import facts as sampling_facts
from tillthen.learn.sampling import odds_factor
from tillthen.learn.stopping import METRIC, stopped
from tillthen.runtime.arrays import Bools, Floats, Ints

SINGLE_NODE_CELLS = 200_000_000
"""Rows times features up to which "auto" trains on one node: 1.6 GB of doubles."""

MOST_SINGLE_CELLS = 1_000_000_000
"""The most that one node is given where a model cannot or shall not train distributed: 8 GB of doubles."""

CELLS_A_THREAD = 500_000


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

    ``late`` marks the rows that early stopping looks at; it is needed where the model stops early.
    """
    check_classes(model, int(labels.sum()), len(labels))
    training: dict[str, Any] = {"sampling": sampling_facts(model)}
    parameters = complete(model)
    if model.learner == "xgboost":
        tree = tree_parameters(model, encoding.features)
        rounds = int(str(parameters["n_estimators"]))
        if model.early_stopping is not None:
            assert late is not None, "a model that stops early is given the rows to look at"
            rounds, training["early_stopping"] = _best_rounds(model, encoding, features, labels, late, tree, rounds)
        booster = _train(tree, _data(encoding, features, labels), rounds)
        return boosted(model.name, encoding, booster, parameters=parameters, placement="single",
                       odds_factor=odds_factor(model), training=training)  # fmt: skip
    pipeline = _pipeline(model, encoding, parameters).fit(features, labels)
    _settle(pipeline, encoding)
    return Fitted(model.name, model.learner, encoding, parameters, "single", Estimator(pipeline), odds_factor(model),
                  training)  # fmt: skip


def _best_rounds(
    model: Model, encoding: Encoding, features: Floats, labels: Ints, late: Bools, tree: Mapping[str, object], most: int
) -> tuple[int, dict[str, Any]]:
    """How many rounds the rows before the validation's learn for the greatest average precision on the latter."""
    for rows, what in ((~late, "the training window before its validation part"), (late, "its validation part")):
        check_classes(model, int(labels[rows].sum()), int(rows.sum()), what)
    validation = _data(encoding, features[late], labels[late])
    trial = _train({**tree, "eval_metric": METRIC}, _data(encoding, features[~late], labels[~late]), most, validation,
                   model.early_stopping)  # fmt: skip
    return trial.best_iteration + 1, stopped(model, most, trial.best_iteration, trial.best_score)


def _data(encoding: Encoding, features: Floats, labels: Ints) -> xgboost.DMatrix:
    return xgboost.DMatrix(features, label=labels, feature_names=list(encoding.features),
                           feature_types=encoding.types, enable_categorical=True, missing=np.nan)  # fmt: skip


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
            return make_pipeline(RandomForestClassifier(**seeded, n_jobs=os.cpu_count()))


def _standardised(encoding: Encoding) -> tuple[Any, ...]:
    numbers = (SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    if not encoding.categories:
        return numbers
    named = [i for i, name in enumerate(encoding.features) if name in encoding.categories]
    others = [i for i in range(len(encoding.features)) if i not in named]
    names = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return (ColumnTransformer([("numbers", make_pipeline(*numbers), others), ("names", names, named)]),)


def _settle(pipeline: Pipeline, encoding: Encoding) -> None:
    """Make scores repeatable, and note which feature each column of a regression came from."""
    if hasattr(pipeline[-1], "n_jobs"):
        pipeline[-1].n_jobs = None  # threads would add the trees' votes in another order each time
    if isinstance(pipeline[0], ColumnTransformer):
        _, _, others = pipeline[0].transformers_[0]
        _, names, named = pipeline[0].transformers_[1]
        widths = [len(values) for values in names.categories_]
        pipeline[0].origins_ = np.concatenate([np.array(others, dtype=int), np.repeat(named, widths)])
