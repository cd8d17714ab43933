"""A trained model: what it was trained with, what it makes of features, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import joblib
import numpy as np
import xgboost
from sklearn.pipeline import Pipeline

from tillthen.runtime.arrays import Floats


class Scorer(Protocol):
    """What gives probabilities for a matrix of features, and keeps itself in a folder."""

    def score(self, features: Floats) -> Floats:
        """The probability of each row."""

    def importance(self) -> Floats:
        """How much each feature matters to it, in its own unit."""

    def save(self, folder: Path) -> None:
        """Write it into a folder."""


@dataclass(frozen=True)
class Booster:
    """Boosted trees; kept as UBJ, which no version of Spark or Python reads differently."""

    booster: xgboost.Booster

    def score(self, features: Floats) -> Floats:
        """The probability of each row; NaN is missing."""
        return self.booster.inplace_predict(features, missing=np.nan).astype(np.float64)

    def importance(self) -> Floats:
        """Total gain of the splits on each feature."""
        gains = self.booster.get_score(importance_type="total_gain")
        names = self.booster.feature_names or []
        return np.array([gains.get(name, 0.0) for name in names], dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write ``model.ubj``."""
        self.booster.save_model(folder / "model.ubj")


@dataclass(frozen=True)
class Estimator:
    """A scikit-learn pipeline."""

    pipeline: Pipeline

    def score(self, features: Floats) -> Floats:
        """The probability of each row."""
        return self.pipeline.predict_proba(features)[:, 1].astype(np.float64)

    def importance(self) -> Floats:
        """Impurity decrease for trees, absolute coefficient on standardised features for a regression."""
        last = self.pipeline[-1]
        found = last.feature_importances_ if hasattr(last, "feature_importances_") else np.abs(last.coef_[0])
        return np.asarray(found, dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write ``model.joblib``."""
        joblib.dump(self.pipeline, folder / "model.joblib")


@dataclass(frozen=True)
class Fitted:
    """A trained model with its signature: ``features`` in the order in which it takes them."""

    name: str
    learner: str
    features: tuple[str, ...]
    parameters: dict[str, object]
    placement: str
    scorer: Scorer

    def score(self, features: Floats) -> Floats:
        """The probability of each row of a (rows, features) matrix, uncalibrated."""
        return self.scorer.score(features)

    def importance(self) -> list[dict[str, object]]:
        """Features by falling importance."""
        pairs = zip(self.features, self.scorer.importance(), strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        return [{"feature": name, "gain": float(gain)} for name, gain in ranked]

    def save(self, folder: Path) -> None:
        """Write the model and its signature into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.scorer.save(folder)
        signature = {key: getattr(self, key) for key in ("name", "learner", "features", "parameters", "placement")}
        (folder / "signature.json").write_text(json.dumps(signature, indent=2, sort_keys=True), encoding="utf-8")


def load(folder: Path) -> Fitted:
    """Read what `Fitted.save` wrote."""
    signature = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
    scorer: Scorer
    if signature["learner"] == "xgboost":
        scorer = Booster(xgboost.Booster(model_file=folder / "model.ubj"))
    else:
        scorer = Estimator(joblib.load(folder / "model.joblib"))
    return Fitted(**{**signature, "features": tuple(signature["features"])}, scorer=scorer)
