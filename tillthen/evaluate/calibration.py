"""Calibration: whether a probability of 1% means one in a hundred.

The reliability curve is CORP (isotonic regression of the labels on the scores, so no bins are chosen), and the
decomposition follows from it: a score's mean loss = miscalibration - discrimination + uncertainty. Source: Dimitriadis,
Gneiting and Jordan, "Stable reliability diagrams for probabilistic classifiers", PNAS 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tillthen.runtime.arrays import Floats, Ints

SMALLEST = 1e-15
"""Probabilities nearer to 0 or 1 count as this far from them in logarithms."""

BANDS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Bounds of the score bands of the amount-weighted table."""


def calibration(probability: Floats, labels: Ints, amounts: Floats) -> dict[str, Any]:
    """Everything the report says about one set of probabilities.

    Brier score and log loss with their decompositions; ``slope`` and ``intercept`` of a logistic regression of the
    label on the log odds (1 and 0 are calibrated); ``sum_ratio`` = sum p / sum y; ``ici`` = mean |p - CORP(p)|;
    ``equal_mass_error`` over ten bands of equal size; the curve, the histogram and the amount-weighted bands.
    """
    recalibrated = corp(probability, labels)
    slope, intercept = _slope(probability, labels)
    return {
        "n": len(labels),
        "positives": int(labels.sum()),
        **_decomposed("brier", _squared, probability, recalibrated, labels),
        **_decomposed("log_loss", _logarithmic, probability, recalibrated, labels),
        "slope": slope,
        "intercept": intercept,
        "sum_ratio": float(probability.sum() / labels.sum()) if labels.any() else None,
        "ici": float(np.abs(probability - recalibrated).mean()) if len(labels) else None,
        "equal_mass_error": _equal_mass_error(probability, labels),
        "reliability": reliability(probability, labels, recalibrated),
        "histogram": histogram(probability, labels),
        "amount_bands": amount_bands(probability, labels, amounts),
    }


def corp(probability: Floats, labels: Ints) -> Floats:
    """The isotonic regression of the labels on the probabilities, at each row."""
    if not len(labels):
        return np.zeros(0)
    return IsotonicRegression(y_min=0, y_max=1).fit(probability, labels).predict(probability).astype(np.float64)


def _squared(probability: Floats, labels: Ints) -> Floats:
    return (probability - labels) ** 2


def _logarithmic(probability: Floats, labels: Ints) -> Floats:
    p = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return -np.where(labels == 1, np.log(p), np.log1p(-p))


def _decomposed(
    name: str, loss: Callable[[Floats, Ints], Floats], probability: Floats, recalibrated: Floats, labels: Ints
) -> dict[str, float | None]:
    """Mean loss = mcb - dsc + unc: what recalibrating saves, what scores tell apart, what the base rate leaves."""
    if not len(labels):
        return dict.fromkeys((name, f"{name}_mcb", f"{name}_dsc", f"{name}_unc"))
    constant = np.full(len(labels), labels.mean())
    mean, best, base = (float(loss(p, labels).mean()) for p in (probability, recalibrated, constant))
    return {name: mean, f"{name}_mcb": mean - best, f"{name}_dsc": base - best, f"{name}_unc": base}


def _slope(probability: Floats, labels: Ints) -> tuple[float | None, float | None]:
    """Cox's calibration slope and intercept: the label regressed on the log odds, without penalty."""
    if not 0 < labels.sum() < len(labels) or np.ptp(probability) == 0:
        return None, None
    p = np.clip(probability, SMALLEST, 1 - SMALLEST)
    fitted = LogisticRegression(C=np.inf, max_iter=1000).fit(np.log(p / (1 - p))[:, None], labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _equal_mass_error(probability: Floats, labels: Ints, bands: int = 10) -> float | None:
    """Mean over bands of equal size of |mean p - share of positives|."""
    if not len(labels):
        return None
    order = np.argsort(probability, kind="stable")
    gaps = [
        abs(probability[band].mean() - labels[band].mean()) * len(band)
        for band in np.array_split(order, bands)
        if len(band)
    ]
    return float(sum(gaps) / len(labels))


def reliability(probability: Floats, labels: Ints, recalibrated: Floats) -> list[dict[str, float | int]]:
    """The steps of the CORP curve: mean score, share of positives, and a 95% Clopper-Pearson interval of each step."""
    steps = []
    for rate in np.unique(recalibrated):
        here = recalibrated == rate
        n, positives = int(here.sum()), int(labels[here].sum())
        steps.append(
            {
                "score": float(probability[here].mean()),
                "rate": float(rate),
                "lower": float(beta.ppf(0.025, positives, n - positives + 1)) if positives else 0.0,
                "upper": float(beta.ppf(0.975, positives + 1, n - positives)) if positives < n else 1.0,
                "n": n,
                "positives": positives,
            }
        )
    return steps


def histogram(probability: Floats, labels: Ints) -> list[dict[str, float | int]]:
    """Rows and positives by score, four bars for each power of ten; all scores below 1e-6 are in the first."""
    bounds = np.r_[0.0, 10.0 ** np.arange(-6, 0.01, 0.25)]
    bar = np.clip(np.searchsorted(bounds, probability, side="right") - 1, 0, len(bounds) - 2)
    rows = np.bincount(bar, minlength=len(bounds) - 1)
    positives = np.bincount(bar, weights=labels, minlength=len(bounds) - 1)
    return [
        {"from": float(bounds[i]), "to": float(bounds[i + 1]), "n": int(rows[i]), "positives": int(positives[i])}
        for i in range(len(rows))
    ]


def amount_bands(probability: Floats, labels: Ints, amounts: Floats) -> list[dict[str, float | int | None]]:
    """Expected against actual fraud by amount, sum p A against sum y A, in bands of the score."""
    band = np.clip(np.searchsorted(BANDS, probability, side="right") - 1, 0, len(BANDS) - 2)
    table: list[dict[str, float | int | None]] = []
    for i in range(len(BANDS) - 1):
        here = band == i
        expected, actual = float((probability * amounts)[here].sum()), float((labels * amounts)[here].sum())
        table.append(
            {
                "from": BANDS[i],
                "to": BANDS[i + 1],
                "n": int(here.sum()),
                "positives": int(labels[here].sum()),
                "expected_amount": expected,
                "actual_amount": actual,
                "ratio": expected / actual if actual > 0 else None,
            }
        )
    return table
