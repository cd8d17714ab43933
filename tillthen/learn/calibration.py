"""Calibration maps, fitted on a later window than the model, with labels that had arrived by the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tillthen.define.errors import DataContractError, sentence
from tillthen.runtime.arrays import Floats, Ints

SMALLEST = 1e-7


@dataclass(frozen=True)
class Calibrator:
    """A non-decreasing map from scores to probabilities."""

    kind: str
    map: Callable[[Floats], Floats]

    def apply(self, scores: Floats) -> Floats:
        """The calibrated probabilities."""
        return self.map(scores)


def fit(kind: str, scores: Floats, labels: Ints) -> Calibrator:
    """Fit "none", "sigmoid", "isotonic" or "beta" on scores and labels.

    sigmoid: logit p' = a logit p + b (Platt 1999, on log odds). beta: logit p' = a ln p - b ln(1 - p) + c with
    a, b >= 0 (Kull, Silva Filho and Flach 2017). isotonic: the least-squares step function.
    """
    if kind == "none":
        return Calibrator(kind, lambda p: p)
    if not 0 < labels.sum() < len(labels):
        raise DataContractError(
            sentence(f"Calibration '{kind}'", expected="positives and negatives in the calibration window",
                     got=f"{int(labels.sum())} positives in {len(labels)} rows", fix="Lengthen it.")
        )  # fmt: skip
    if kind == "isotonic":
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, labels)
        return Calibrator(kind, lambda p: steps.predict(p).astype(np.float64))
    columns = [_log_odds] if kind == "sigmoid" else [_log, _minus_log_rest]
    return Calibrator(kind, _logistic(columns, scores, labels))


def _log(p: Floats) -> Floats:
    return np.log(np.clip(p, SMALLEST, 1 - SMALLEST))


def _minus_log_rest(p: Floats) -> Floats:
    return -np.log1p(-np.clip(p, SMALLEST, 1 - SMALLEST))


def _log_odds(p: Floats) -> Floats:
    return _log(p) + _minus_log_rest(p)


def _logistic(
    columns: Sequence[Callable[[Floats], Floats]], scores: Floats, labels: Ints
) -> Callable[[Floats], Floats]:
    """A logistic regression on functions of the score; a function with a negative weight is left out."""
    used = list(columns)
    while True:
        fitted = LogisticRegression(C=np.inf, max_iter=1000).fit(_stack(used, scores), labels)
        falling = [f for f, weight in zip(used, fitted.coef_[0], strict=True) if weight < 0]
        if not falling or len(used) == 1:
            return lambda p: fitted.predict_proba(_stack(used, p))[:, 1].astype(np.float64)
        used = [f for f in used if f not in falling] or list(columns[:1])


def _stack(columns: Sequence[Callable[[Floats], Floats]], scores: Floats) -> Floats:
    return np.column_stack([column(scores) for column in columns])
