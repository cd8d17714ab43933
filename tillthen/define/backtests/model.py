"""Models: a learner with everything that decides what it learns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import (
    Column,
    Columns,
    Count,
    Expression,
    PositiveNumber,
    Share,
    ShareAboveZero,
    ShareBetween,
    Title,
)
from tillthen.define.arguments.shown import Told
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import did_you_mean, sentence

LEARNERS = ("xgboost", "logistic_regression", "decision_tree", "random_forest", "rules")
_FOLDER = re.compile(r"[^/\\.\x00-\x1f][^/\\\x00-\x1f]*")


@checked
@dataclass(frozen=True)
class Model(Told):
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
        Fitted on the fold's calibration window, which must hold 10 positives: "none", "sigmoid", "isotonic" or "beta".
    features
        Which columns of the feature table it uses; all where not given.
    placement
        "auto" chooses by the training frame's size between one node and Spark; "single" and "distributed" decide it.
    seed
        Of everything random in training.
    early_stopping
        xgboost: stop when the log loss on the last part of the training window has not fallen for so many rounds, then
        train on the whole window with the best number of rounds. ``n_estimators`` is the most.
    validation
        The share of the training window, at its end, that early stopping looks at.
    negatives_kept
        Train on this share of the negatives, drawn by a hash of the row id.
    positive_weight
        What a positive weighs in training against a negative. Whatever was weighed or left out, the log odds are moved
        by one number, with which the probabilities of all rows of the training window add up to their positives.
    monotone
        xgboost: for features by name 1 where the score may never fall as the feature rises, -1 where it may never rise.
        Categorical features neither rise nor fall, and are refused.
    rules
        Of learner "rules": a score for each row expression over the feature table. A row's score is the greatest of
        the expressions that are true, 0 where none is.
    """

    name: Title
    learner: str = "xgboost"
    parameters: Mapping[str, object] = field(default_factory=dict)
    calibration: Literal["none", "sigmoid", "isotonic", "beta"] = "none"
    features: Columns = ()
    placement: Literal["auto", "single", "distributed"] = "auto"
    seed: int = 0
    early_stopping: Count | None = None
    validation: ShareBetween = 0.2
    negatives_kept: ShareAboveZero = 1.0
    positive_weight: PositiveNumber = 1.0
    monotone: Mapping[Column, int] = field(default_factory=dict)
    rules: Mapping[Expression, Share] = field(default_factory=dict)

    def __post_init__(self) -> None:
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
        if self.learner not in LEARNERS:
            yield sentence(f"{where}: unknown learner '{self.learner}'", fix=did_you_mean(self.learner, LEARNERS))
        if not _FOLDER.fullmatch(self.name):
            yield sentence(f"{where} names a folder", expected="a name without '/' that does not begin with '.'",
                           got=repr(self.name))  # fmt: skip
        if self.learner == "xgboost":
            return
        if self.placement == "distributed":
            yield sentence(f"{where}: only xgboost trains distributed", fix="Use placement='auto'.")
        if self.early_stopping is not None or self.monotone:
            option = "monotone" if self.monotone else "early_stopping"
            yield sentence(f"{where}: '{option}' is for xgboost, not for {self.learner}", fix="Remove it.")

    def _training(self, where: str) -> Iterator[str]:
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
