"""Training on one node, and what every training checks before it starts."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tillthen.define.backtest import Model
from tillthen.define.errors import DataContractError, sentence
from tillthen.learn.fitted import Booster, Estimator, Fitted
from tillthen.learn.parameters import OBJECTIVE, complete
from tillthen.runtime.arrays import Floats, Ints

SINGLE_NODE_CELLS = 200_000_000
"""Rows times features up to which "auto" trains on one node: 1.6 GB of doubles."""


def placement(model: Model, rows: int, features: int) -> str:
    """Where a model trains: as declared, or by the size of its training frame.

    Only xgboost trains distributed, and its exact trees only on one node.
    """
    if model.placement != "auto":
        return model.placement
    distributable = model.learner == "xgboost" and complete(model)["tree_method"] != "exact"
    return "distributed" if distributable and rows * features > SINGLE_NODE_CELLS else "single"


def matrix(frame: pd.DataFrame, columns: tuple[str, ...]) -> Floats:
    """Columns as doubles, null as NaN; infinite values and what is no number are refused by name."""
    values = np.empty((len(frame), len(columns)), order="F")
    for i, name in enumerate(columns):
        try:
            values[:, i] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            raise DataContractError(
                sentence(f"Feature '{name}'", expected="numbers or booleans", got=str(frame[name].dtype),
                         fix="Leave it out with Model(features=[...]), or derive a number.")
            ) from None  # fmt: skip
    infinite = [name for i, name in enumerate(columns) if np.isinf(values[:, i]).any()]
    if infinite:
        raise DataContractError(
            sentence(f"Features {', '.join(infinite)} hold infinite values", fix="Bound them where they are declared.")
        )
    return values


def check_labels(model: Model, labels: Ints) -> None:
    """Refuse a training set without both classes."""
    positives = int(labels.sum())
    if not 0 < positives < len(labels):
        raise DataContractError(
            sentence(f"Model '{model.name}': the training window", expected="positives and negatives",
                     got=f"{positives} positives in {len(labels)} rows",
                     fix="Lengthen it, or check that labels had arrived by the cut-off.")
        )  # fmt: skip


def fit(model: Model, names: tuple[str, ...], features: Floats, labels: Ints) -> Fitted:
    """Train on one node; the same bits for the same input and seed."""
    check_labels(model, labels)
    parameters = complete(model)
    if model.learner == "xgboost":
        return Fitted(model.name, model.learner, names, parameters, "single",
                      Booster(_boosted(names, features, labels, parameters)))  # fmt: skip
    seeded = {key: value for key, value in parameters.items() if key != "seed"} | {"random_state": model.seed}
    match model.learner:
        case "logistic_regression":
            imputer = SimpleImputer(strategy="median", keep_empty_features=True)
            pipeline = make_pipeline(imputer, StandardScaler(), LogisticRegression(**seeded))
        case "decision_tree":
            pipeline = make_pipeline(DecisionTreeClassifier(**seeded))
        case _:
            pipeline = make_pipeline(RandomForestClassifier(**seeded, n_jobs=os.cpu_count()))
    pipeline.fit(features, labels)
    if model.learner == "random_forest":
        pipeline[-1].n_jobs = 1  # threads would add the trees' votes in another order each time
    return Fitted(model.name, model.learner, names, parameters, "single", Estimator(pipeline))


def _boosted(names: tuple[str, ...], features: Floats, labels: Ints, parameters: dict[str, object]) -> xgboost.Booster:
    tree = {key: value for key, value in parameters.items() if key != "n_estimators"}
    if tree["tree_method"] == "exact":
        tree.pop("max_bin")
    data = xgboost.DMatrix(features, label=labels, feature_names=list(names), missing=np.nan)
    rounds = int(str(parameters["n_estimators"]))
    return xgboost.train({**tree, "objective": OBJECTIVE, "nthread": os.cpu_count()}, data, num_boost_round=rounds)
