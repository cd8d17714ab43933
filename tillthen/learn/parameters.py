"""Every parameter of every learner, so that nothing is left to a library's default of the day.

xgboost: since 2.0 an unset ``base_score`` is estimated from the labels and ``hist`` has 256 bins, which costs a rare
positive class much of its average precision. Both are set here.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence

_TREE: dict[str, object] = {
    "criterion": "gini",
    "max_depth": None,
    "min_samples_split": 2,
    "min_samples_leaf": 1,
    "min_impurity_decrease": 0.0,
    "class_weight": None,
    "ccp_alpha": 0.0,
}
DEFAULTS: dict[str, dict[str, object]] = {
    "rules": {},
    "xgboost": {
        "n_estimators": 100,
        "max_depth": 6,
        "learning_rate": 0.3,
        "tree_method": "hist",
        "max_bin": 4096,
        "base_score": 0.5,
        "min_child_weight": 1.0,
        "gamma": 0.0,
        "subsample": 1.0,
        "colsample_bytree": 1.0,
        "reg_lambda": 1.0,
        "reg_alpha": 0.0,
        "max_delta_step": 0.0,
        "scale_pos_weight": 1.0,
    },
    "logistic_regression": {
        "C": 1.0,
        "solver": "lbfgs",
        "tol": 1e-4,
        "max_iter": 1000,
        "fit_intercept": True,
        "class_weight": None,
    },
    "decision_tree": {**_TREE, "splitter": "best", "max_features": None},
    "random_forest": {**_TREE, "n_estimators": 100, "max_features": "sqrt", "bootstrap": True, "max_samples": None},
}
OBJECTIVE = "binary:logistic"


WEIGHTS = ("scale_pos_weight", "class_weight")


def complete(model: Model) -> dict[str, object]:
    """The model's parameters over the defaults; unknown ones are refused."""
    known = DEFAULTS[model.learner]
    for name in model.parameters:
        if name not in known:
            raise DefinitionError(
                sentence(f"Model '{model.name}': {model.learner} has no parameter '{name}'",
                         fix=did_you_mean(name, known))
            )  # fmt: skip
        if name in WEIGHTS and model.positive_weight != 1:
            raise DefinitionError(
                sentence(f"Model '{model.name}' weighs positives twice: by positive_weight and by '{name}'",
                         fix=f"Remove '{name}'.")
            )  # fmt: skip
    return {**known, **model.parameters, "seed": model.seed}


def positive_weight(model: Model) -> float:
    """What xgboost counts a positive for, declared for the model or in xgboost's own word."""
    return model.positive_weight * float(str(complete(model)["scale_pos_weight"]))


def tree_parameters(model: Model, features: Sequence[str]) -> dict[str, object]:
    """What xgboost itself takes, on one node or distributed, but for the number of rounds and the weight of positives.

    The weight is given with the rows, so that early stopping's log loss counts by it too.
    """
    apart = ("n_estimators", "scale_pos_weight")
    tree = {key: value for key, value in complete(model).items() if key not in apart}
    if tree["tree_method"] == "exact":
        tree.pop("max_bin")
    if model.monotone:
        tree["monotone_constraints"] = str(tuple(model.monotone.get(name, 0) for name in features)).replace(" ", "")
    return tree
