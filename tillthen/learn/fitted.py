"""A trained model: what it was trained with, what it makes of features, and how it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path
from typing import Any

import xgboost

from tillthen.learn.encoding import Encoding
from tillthen.learn.level import Tally, level
from tillthen.learn.scorers import Booster, Estimator, Rules, Scorer, load_scorer
from tillthen.runtime.arrays import Floats

__all__ = ["Booster", "Estimator", "Fitted", "Rules", "load"]

SIGNATURE = "signature.json"


@dataclass(frozen=True)
class Fitted:
    """A trained model with its signature.

    ``encoding`` says how columns become what it takes; ``level`` is added to the log odds of every row, so that its
    probabilities add up to the positives (`tillthen.learn.level`); ``training`` is what the report says of how it was
    trained.
    """

    name: str
    learner: str
    encoding: Encoding
    parameters: Mapping[str, object]
    placement: str
    scorer: Scorer
    level: float = 0.0
    training: Mapping[str, Any] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """The columns in the order in which it takes them."""
        return self.encoding.features

    def score(self, features: Floats) -> Floats:
        """The probability of each row of a (rows, features) matrix, on its level, not calibrated."""
        return self.scorer.score(features, self.level)

    def leveled(self, tally: Tally, odds_factor: float) -> Fitted:
        """The same model on the level of rows; ``odds_factor`` is what sampling and weights make one expect."""
        return replace(self, level=level(tally, log(odds_factor)))

    def contributions(self, features: Floats) -> Floats | None:
        """What each feature adds to each row's log odds (of rules: to its score); None where that is not known."""
        return self.scorer.contributions(features)

    def importance(self) -> list[dict[str, object]]:
        """Features by falling importance."""
        pairs = zip(self.features, self.scorer.importance(), strict=True)
        ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        return [{"feature": name, "gain": float(gain)} for name, gain in ranked]

    def save(self, folder: Path) -> None:
        """Write the model and its signature into a folder; the signature comes last, so with it all is there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.scorer.save(folder)
        signature = {
            "name": self.name,
            "learner": self.learner,
            "features": self.features,
            "categories": dict(self.encoding.categories),
            "parameters": dict(self.parameters),
            "placement": self.placement,
            "level": self.level,
            "training": dict(self.training),
        }
        (folder / SIGNATURE).write_text(json.dumps(signature, indent=2, sort_keys=True), encoding="utf-8")


def load(folder: Path) -> Fitted:
    """Read what `Fitted.save` wrote."""
    signature = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))
    encoding = Encoding(tuple(signature.pop("features")), signature.pop("categories"))
    return Fitted(**signature, encoding=encoding, scorer=load_scorer(signature["learner"], folder))


def boosted(name: str, encoding: Encoding, booster: xgboost.Booster, **rest: Any) -> Fitted:
    """Boosted trees with their features' names and types."""
    booster.feature_names = encoding.tree_names
    booster.feature_types = encoding.types
    return Fitted(name, "xgboost", encoding, scorer=Booster(booster), **rest)
