"""What gives probabilities for a matrix of features: boosted trees, scikit-learn's estimators, rules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import joblib
import numpy as np
import xgboost
from scipy.special import expit
from sklearn.pipeline import Pipeline

from tillthen.learn.level import log_odds, raised
from tillthen.runtime.arrays import Floats


class Scorer(Protocol):
    """What gives probabilities for a matrix of features, and keeps itself in a folder."""

    def score(self, features: Floats, level: float = 0.0) -> Floats:
        """The probability of each row, its log odds moved by ``level``."""

    def log_odds(self, features: Floats) -> Floats:
        """The log odds of each row as it has learned them."""

    def contributions(self, features: Floats) -> Floats | None:
        """What each feature adds to each row's score in log odds, a (rows, features) matrix; None where unknown."""

    def importance(self) -> Floats:
        """How much each feature matters to it, in its own unit."""

    def save(self, folder: Path) -> None:
        """Write it into a folder."""


@dataclass(frozen=True)
class Booster:
    """Boosted trees; kept as UBJ, which no version of Spark or Python reads differently."""

    booster: xgboost.Booster

    def score(self, features: Floats, level: float = 0.0) -> Floats:
        """The probability of each row; NaN is missing.

        The sum of the trees is xgboost's, in its single precision, and has the same bits from `inplace_predict`; the
        level and the logistic function are double, so that the level merges no two rows.
        """
        return expit(self.log_odds(features) + level)

    def log_odds(self, features: Floats) -> Floats:
        """The sum of the trees for each row."""
        return self.booster.predict(self._data(features), output_margin=True).astype(np.float64)

    def contributions(self, features: Floats) -> Floats | None:
        """SHAP values by TreeSHAP, in log odds (Lundberg et al., 2020), without the base value."""
        return self.booster.predict(self._data(features), pred_contribs=True)[:, :-1].astype(np.float64)

    def importance(self) -> Floats:
        """Total gain of the splits on each feature."""
        gains = self.booster.get_score(importance_type="total_gain")
        names = self.booster.feature_names or []
        return np.array([gains.get(name, 0.0) for name in names], dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write ``model.ubj``."""
        self.booster.save_model(folder / "model.ubj")

    def _data(self, features: Floats) -> xgboost.DMatrix:
        return xgboost.DMatrix(features, missing=np.nan, feature_names=self.booster.feature_names,
                               feature_types=self.booster.feature_types, enable_categorical=True,
                               nthread=1)  # fmt: skip


@dataclass(frozen=True)
class Estimator:
    """A scikit-learn pipeline whose first step makes columns of features, and whose last is the estimator."""

    pipeline: Pipeline

    def score(self, features: Floats, level: float = 0.0) -> Floats:
        """The probability of each row."""
        return raised(self.pipeline.predict_proba(features)[:, 1].astype(np.float64), level)

    def log_odds(self, features: Floats) -> Floats:
        """Infinite where the estimator is sure."""
        return log_odds(self.score(features))

    def contributions(self, features: Floats) -> Floats | None:
        """Of a logistic regression: coefficient x standardised value, which is its SHAP value; of others unknown."""
        last = self.pipeline[-1]
        if not hasattr(last, "coef_"):
            return None
        columns = self.pipeline[:-1].transform(features)
        return self._by_feature(columns * last.coef_[0])

    def importance(self) -> Floats:
        """Impurity decrease for trees, absolute coefficient on standardised features for a regression."""
        last = self.pipeline[-1]
        found = last.feature_importances_ if hasattr(last, "feature_importances_") else np.abs(last.coef_[0])
        return self._by_feature(np.asarray(found, dtype=np.float64)[None, :])[0]

    def save(self, folder: Path) -> None:
        """Write ``model.joblib``."""
        joblib.dump(self.pipeline, folder / "model.joblib")

    def _by_feature(self, columns: Floats) -> Floats:
        """Sums over the columns that were made of each feature."""
        origins = getattr(self.pipeline[0], "origins_", None)
        if origins is None:
            return columns
        sums = np.zeros((len(columns), int(self.pipeline[0].n_features_in_)))
        np.add.at(sums.T, origins, columns.T)
        return sums


@dataclass(frozen=True)
class Rules:
    """Rules: each input is 1 where its rule holds; the score is the greatest of those rules' scores."""

    scores: tuple[float, ...]

    def score(self, features: Floats, level: float = 0.0) -> Floats:
        """The greatest score of the rules that hold, 0 where none does."""
        return raised(np.where(features == 1, np.array(self.scores), 0.0).max(axis=1), level)

    def log_odds(self, features: Floats) -> Floats:
        """Infinite where no rule holds."""
        return log_odds(self.score(features))

    def contributions(self, features: Floats) -> Floats | None:
        """The scores of the rules that hold."""
        return np.where(features == 1, np.array(self.scores), 0.0)

    def importance(self) -> Floats:
        """The rules' scores."""
        return np.array(self.scores, dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write ``rules.json``."""
        (folder / "rules.json").write_text(json.dumps(self.scores), encoding="utf-8")


def load_scorer(learner: str, folder: Path) -> Scorer:
    """What the scorer of a learner wrote into a folder."""
    if learner == "xgboost":
        return Booster(xgboost.Booster(model_file=folder / "model.ubj"))
    if learner == "rules":
        return Rules(tuple(json.loads((folder / "rules.json").read_text(encoding="utf-8"))))
    return Estimator(joblib.load(folder / "model.joblib"))
