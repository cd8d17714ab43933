"""Models: a learner with everything that decides what it learns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tillthen.define.errors import did_you_mean, sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report

LEARNERS = ("xgboost", "logistic_regression", "decision_tree", "random_forest", "rules")
CALIBRATIONS = ("none", "sigmoid", "isotonic", "beta")
PLACEMENTS = ("auto", "single", "distributed")


@dataclass(frozen=True)
class Model:
    """A learner with its parameters.

    Parameters
    ----------
    name
        How the report calls it.
    learner
        One of "xgboost", "logistic_regression", "decision_tree", "random_forest", "rules".
    parameters
        In the learner's own words; what is not given is set by the product, and all are printed.
    calibration
        Fitted on the fold's calibration window: "none", "sigmoid", "isotonic" or "beta".
    features
        Which columns of the feature table it uses; all where not given.
    placement
        "auto" chooses by the training frame's size between one node and Spark; "single" and "distributed" decide it.
    seed
        Of everything random in training.
    early_stopping
        xgboost: stop when the average precision on the last part of the training window has not risen for so many
        rounds, then train on the whole window with the best number of rounds. ``n_estimators`` is the most.
    validation
        The share of the training window, at its end, that early stopping looks at.
    negatives_kept
        Train on this share of the negatives, drawn by a hash of the row id; scores are corrected for it.
    positive_weight
        What a positive weighs in training against a negative; scores are corrected for it.
    monotone
        xgboost: for features by name 1 where the score may never fall as the feature rises, -1 where it may never rise.
    rules
        Of learner "rules": a score for each row expression over the feature table. A row's score is the greatest of
        the expressions that are true, 0 where none is.
    """

    name: str
    learner: str = "xgboost"
    parameters: Mapping[str, object] = field(default_factory=dict)
    calibration: Literal["none", "sigmoid", "isotonic", "beta"] = "none"
    features: Sequence[str] = ()
    placement: Literal["auto", "single", "distributed"] = "auto"
    seed: int = 0
    early_stopping: int | None = None
    validation: float = 0.2
    negatives_kept: float = 1.0
    positive_weight: float = 1.0
    monotone: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", dict(self.parameters))
        object.__setattr__(self, "features", tuple(self.features))
        object.__setattr__(self, "monotone", dict(self.monotone))
        object.__setattr__(self, "rules", dict(self.rules))
        where = f"Model '{self.name}'"
        report(*self._names(where), *self._training(where), *self._rules(where))

    def __hash__(self) -> int:
        return hash((self.name, self.learner, self.seed))

    def inputs(self, features: Sequence[str]) -> tuple[str, ...]:
        """What it takes, of a table's ``features``: columns in order, or the expressions of its rules."""
        return tuple(self.rules) if self.learner == "rules" else tuple(self.features) or tuple(features)

    def reads(self, features: Sequence[str]) -> tuple[str, ...]:
        """The feature table's columns behind its inputs."""
        if self.learner != "rules":
            return self.inputs(features)
        return tuple(dict.fromkeys(column for text in self.rules for column in parse(text).columns))

    def _names(self, where: str) -> Iterator[str]:
        known = (("learner", self.learner, LEARNERS), ("calibration", self.calibration, CALIBRATIONS))
        for what, name, names in known:
            if name not in names:
                yield sentence(f"{where}: unknown {what} '{name}'", fix=did_you_mean(name, names))
        if self.placement not in PLACEMENTS:
            yield sentence(f"{where} 'placement'", expected="'auto', 'single' or 'distributed'",
                           got=repr(self.placement))  # fmt: skip
        if self.learner == "xgboost":
            return
        if self.placement == "distributed":
            yield sentence(f"{where}: only xgboost trains distributed", fix="Use placement='auto'.")
        if self.early_stopping is not None or self.monotone:
            option = "monotone" if self.monotone else "early_stopping"
            yield sentence(f"{where}: '{option}' is for xgboost, not for {self.learner}", fix="Remove it.")

    def _training(self, where: str) -> Iterator[str]:
        if self.early_stopping is not None and self.early_stopping < 1:
            yield sentence(f"{where} 'early_stopping'", expected="at least 1 round", got=self.early_stopping)
        if not 0 < self.validation < 1:
            yield sentence(f"{where} 'validation'", expected="a share between 0 and 1", got=self.validation)
        if not 0 < self.negatives_kept <= 1:
            yield sentence(f"{where} 'negatives_kept'", expected="a share above 0, at most 1", got=self.negatives_kept)
        if not 0 < self.positive_weight < float("inf"):
            yield sentence(f"{where} 'positive_weight'", expected="a number above 0", got=self.positive_weight)
        for name, direction in self.monotone.items():
            if direction not in (-1, 1):
                yield sentence(f"{where} 'monotone' of '{name}'", expected="1 or -1", got=direction)
            if self.features and name not in self.features:
                yield sentence(f"{where} 'monotone' names '{name}', which it does not use",
                               fix=did_you_mean(name, self.features))  # fmt: skip

    def _rules(self, where: str) -> Iterator[str]:
        if (self.learner == "rules") != bool(self.rules):
            yield sentence(f"{where}", expected="rules={...} with learner 'rules' and with no other",
                           got=f"learner '{self.learner}' with {len(self.rules)} rules")  # fmt: skip
        for text, score in self.rules.items():
            yield from parse(text).faults
            if not 0 <= score <= 1:
                yield sentence(f"{where}: rule '{text}'", expected="a score of 0 to 1", got=score)
