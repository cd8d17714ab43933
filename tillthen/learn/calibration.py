"""Calibration maps, fitted on a later window than the model, with labels that had arrived by the test.

A map of few frauds must not be surer than they make it: where scores part the classes, the likeliest slope is infinite
and the best step goes from 0 to 1. So all maps are fitted to Platt's targets in place of 1 and 0: (P + 1) / (P + 2) of
P positives and 1 / (N + 2) of N negatives, what each class's next row would be expected to be. Source: Platt,
"Probabilistic outputs for support vector machines", 1999, 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from scipy.linalg import LinAlgWarning
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.runtime.arrays import Floats, Ints

SMALLEST = 1e-7
"""Scores nearer to 0 or 1 count as this far from them in logarithms."""

FEWEST = 10
"""Positives that a calibration window must hold: of fewer a map is a guess, and money is decided by it."""


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
    isotonic: the least-squares step function. All of them to Platt's targets; the two regressions are without penalty.
    """
    if kind == "none":
        return Calibrator.none()
    check_classes(f"Calibration '{kind}'", int(labels.sum()), len(labels), fewest=1)
    targets = _targets(labels, weights)
    if kind == "isotonic":
        steps = IsotonicRegression(y_min=0, y_max=1).fit(scores, targets, sample_weight=weights)
        return Calibrator(kind, (), tuple(steps.X_thresholds_.tolist()), tuple(steps.y_thresholds_.tolist()))
    return Calibrator(kind, _logistic(_COLUMNS[kind], scores, targets, weights))


def check_classes(what: str, positives: int, rows: int, fewest: int = FEWEST) -> None:
    """Refuse a calibration window without negatives, or with fewer than ``fewest`` positives."""
    if not fewest <= positives < rows:
        classes = "positives and negatives" if not 0 < positives < rows else f"at least {fewest} positives"
        raise DataContractError(
            sentence(what, expected=classes, got=f"{positives} positives in {rows} rows of the calibration window",
                     fix="Lengthen calibrate= in Folds, or declare calibration='none'.")
        )  # fmt: skip


def _targets(labels: Ints, weights: Floats | None) -> Floats:
    """What each row is fitted to: Platt's targets of the classes, which weights count as so many rows."""
    counts = np.bincount(labels, weights, minlength=2)
    return np.where(labels == 1, (counts[1] + 1) / (counts[1] + 2), 1 / (counts[0] + 2))


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
    columns: Sequence[Callable[[Floats], Floats]], scores: Floats, targets: Floats, weights: Floats | None
) -> tuple[float, ...]:
    """Intercept and weights of a logistic regression on functions of the score; a negative weight becomes 0.

    Each row is a positive by its target and a negative by the rest. The functions with a negative weight are left out
    and the rest is fitted again. Where none is left, the map is the share of positives.
    """
    used = list(range(len(columns)))
    classes = np.repeat([1, 0], len(targets))
    shares = np.r_[targets, 1 - targets] * np.tile(np.ones(len(targets)) if weights is None else weights, 2)
    while used:
        stacked = np.column_stack([columns[i](scores) for i in used])
        exact = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
        with catch_warnings():
            # Two scores leave the weights of beta open, not its map: the solver then takes its other way by itself.
            simplefilter("ignore", LinAlgWarning)
            fitted = exact.fit(np.tile(stacked, (2, 1)), classes, sample_weight=shares)
        found = dict(zip(used, fitted.coef_[0].tolist(), strict=True))
        used = [i for i in used if found[i] >= 0]
        if len(used) == len(found):
            return float(fitted.intercept_[0]), *(found.get(i, 0.0) for i in range(len(columns)))
    share = float(np.average(targets, weights=weights))
    return float(np.log(share / (1 - share))), *(0.0 for _ in columns)
