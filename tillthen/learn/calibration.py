"""Calibration maps, fitted on a later window than the model, with labels that had arrived by the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tillthen.define.errors import DataContractError, sentence
from tillthen.runtime.arrays import Floats, Ints

SMALLEST = 1e-7
"""Scores nearer to 0 or 1 count as this far from them in logarithms."""


@dataclass(frozen=True)
class Calibrator:
    """A non-decreasing map from scores to probabilities, as plain numbers: any system can apply it.

    "none": the score. "sigmoid": logit p' = w0 + w1 logit p. "beta": logit p' = w0 + w1 ln p - w2 ln(1 - p).
    "isotonic": linear between the points (``scores``, ``values``), and constant beyond the first and the last.
    """

    kind: str
    weights: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @classmethod
    def none(cls) -> Calibrator:
        """The map that changes nothing."""
        return cls("none")

    def apply(self, scores: Floats) -> Floats:
        """The calibrated probabilities."""
        if self.kind == "none":
            return scores
        if self.kind == "isotonic":
            return np.interp(scores, self.scores, self.values)
        log_odds = np.full(len(scores), self.weights[0])
        for weight, column in zip(self.weights[1:], _COLUMNS[self.kind], strict=True):
            log_odds += weight * column(scores)
        return expit(log_odds)

    def to_json(self) -> dict[str, Any]:
        """What a file keeps of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Calibrator:
        """What `to_json` gave."""
        return cls(kept["kind"], *(tuple(kept[name]) for name in ("weights", "scores", "values")))


def fit(kind: str, scores: Floats, labels: Ints, weights: Floats | None = None) -> Calibrator:
    """Fit "none", "sigmoid", "isotonic" or "beta" on scores and labels; ``weights`` say how often each row counts.

    sigmoid: Platt 1999, on log odds. beta: with weights that are not negative (Kull, Silva Filho and Flach 2017).
    isotonic: the least-squares step function. The two regressions are without penalty.
    """
    if kind == "none":
        return Calibrator.none()
    if not 0 < labels.sum() < len(labels):
        raise DataContractError(
            sentence(f"Calibration '{kind}'", expected="positives and negatives in the calibration window",
                     got=f"{int(labels.sum())} positives in {len(labels)} rows", fix="Lengthen it.")
        )  # fmt: skip
    if kind == "isotonic":
        steps = IsotonicRegression(y_min=0, y_max=1).fit(scores, labels, sample_weight=weights)
        return Calibrator(kind, (), tuple(steps.X_thresholds_.tolist()), tuple(steps.y_thresholds_.tolist()))
    return Calibrator(kind, _logistic(_COLUMNS[kind], scores, labels, weights))


def _log(p: Floats) -> Floats:
    return np.log(np.clip(p, SMALLEST, 1 - SMALLEST))


def _minus_log_rest(p: Floats) -> Floats:
    return -np.log1p(-np.clip(p, SMALLEST, 1 - SMALLEST))


def _log_odds(p: Floats) -> Floats:
    return _log(p) + _minus_log_rest(p)


_COLUMNS: dict[str, Sequence[Callable[[Floats], Floats]]] = {
    "sigmoid": (_log_odds,),
    "beta": (_log, _minus_log_rest),
}


def _logistic(
    columns: Sequence[Callable[[Floats], Floats]], scores: Floats, labels: Ints, weights: Floats | None
) -> tuple[float, ...]:
    """Intercept and weights of a logistic regression on functions of the score; a negative weight becomes 0.

    The functions with a negative weight are left out and the rest is fitted again. Where none is left, the map is the
    share of positives.
    """
    used = list(range(len(columns)))
    while used:
        stacked = np.column_stack([columns[i](scores) for i in used])
        exact = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
        fitted = exact.fit(stacked, labels, sample_weight=weights)
        found = dict(zip(used, fitted.coef_[0].tolist(), strict=True))
        used = [i for i in used if found[i] >= 0]
        if len(used) == len(found):
            return float(fitted.intercept_[0]), *(found.get(i, 0.0) for i in range(len(columns)))
    share = float(np.average(labels, weights=weights))
    return float(np.log(share / (1 - share))), *(0.0 for _ in columns)
