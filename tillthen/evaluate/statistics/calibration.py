"""Calibration: whether a probability of 1% means one in a hundred.

The reliability curve is CORP (isotonic regression of the labels on the scores, so no bins are chosen), and the
decomposition follows from it: a score's mean loss = miscalibration - discrimination + uncertainty. Source: Dimitriadis,
Gneiting and Jordan, "Stable reliability diagrams for probabilistic classifiers", PNAS 2021.

All of it is computed from rows put together by score, so a million rows of equal scores cost as much as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression

from tillthen.runtime.arrays import Floats, Ints, sums

SMALLEST = 1e-15
"""Probabilities nearer to 0 or 1 count as this far from them in logarithms."""

BANDS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Bounds of the score bands of the amount-weighted table."""

Row = dict[str, float | int | None]


@dataclass(frozen=True)
class Scored:
    """Rows by probability, from the lowest up: how many, how many positives, and their amounts.

    ``expected`` is the sum of probability x amount, ``actual`` the amount of the positives.
    """

    p: Floats
    n: Floats
    positives: Floats
    expected: Floats
    actual: Floats

    @staticmethod
    def of(p: Floats, n: Floats, positives: Floats | Ints, expected: Floats, actual: Floats) -> Scored:
        """Put rows of equal probability together."""
        values, at = np.unique(p, return_inverse=True)
        return Scored(values, *(sums(at, x, len(values)) for x in (n, positives, expected, actual)))

    @staticmethod
    def rows(probability: Floats, labels: Ints, amounts: Floats) -> Scored:
        """Single rows, put together by probability."""
        return Scored.of(probability, np.ones(len(labels)), labels, probability * amounts, labels * amounts)

    @property
    def negatives(self) -> Floats:
        """Rows that are not positive."""
        return self.n - self.positives


def calibration_of(rows: Scored) -> dict[str, Any]:
    """Everything the report says about one set of probabilities.

    Brier score and log loss with their decompositions; ``slope`` and ``intercept`` of a logistic regression of the
    label on the log odds (1 and 0 are calibrated); ``sum_ratio`` = sum p / sum y; ``ici`` = mean |p - CORP(p)|;
    ``equal_mass_error`` over ten bands of equal size; the curve, the histogram and the amount-weighted bands.
    """
    recalibrated = corp(rows)
    slope, intercept = cox(rows)
    n, positives = rows.n.sum(), rows.positives.sum()
    return {
        "n": int(n),
        "positives": int(positives),
        **_decomposed("brier", _squared, rows, recalibrated),
        **_decomposed("log_loss", _logarithmic, rows, recalibrated),
        "slope": slope,
        "intercept": intercept,
        "sum_ratio": float((rows.p * rows.n).sum() / positives) if positives else None,
        "ici": float((np.abs(rows.p - recalibrated) * rows.n).sum() / n) if n else None,
        "equal_mass_error": _equal_mass_error(rows),
        "reliability": reliability(rows, recalibrated),
        "histogram": histogram(rows),
        "amount_bands": amount_bands(rows),
    }


def corp(rows: Scored) -> Floats:
    """The isotonic regression of the labels on the probabilities, at each probability."""
    if not len(rows.p):
        return np.zeros(0)
    rate = rows.positives / rows.n
    fitted = IsotonicRegression(y_min=0, y_max=1).fit_transform(rows.p, rate, sample_weight=rows.n)
    return np.asarray(fitted, dtype=np.float64)


def _squared(p: Floats, rows: Scored) -> Floats:
    return rows.positives * (1 - p) ** 2 + rows.negatives * p**2


def _logarithmic(p: Floats, rows: Scored) -> Floats:
    inner = np.clip(p, SMALLEST, 1 - SMALLEST)
    return -(rows.positives * np.log(inner) + rows.negatives * np.log1p(-inner))


def _decomposed(
    name: str, loss: Callable[[Floats, Scored], Floats], rows: Scored, recalibrated: Floats
) -> dict[str, float | None]:
    """Mean loss = mcb - dsc + unc: what recalibrating saves, what scores tell apart, what the base rate leaves."""
    n = rows.n.sum()
    if not n:
        return dict.fromkeys((name, f"{name}_mcb", f"{name}_dsc", f"{name}_unc"))
    constant = np.full(len(rows.p), rows.positives.sum() / n)
    mean, best, base = (float(loss(p, rows).sum() / n) for p in (rows.p, recalibrated, constant))
    return {name: mean, f"{name}_mcb": mean - best, f"{name}_dsc": base - best, f"{name}_unc": base}


def cox(rows: Scored) -> tuple[float | None, float | None]:
    """Cox's calibration slope and intercept: the label regressed on the log odds, by Newton's method, no penalty.

    None without both classes, with one score, or where the classes are parted, so that the slope would be infinite.
    """
    if not 0 < rows.positives.sum() < rows.n.sum() or len(rows.p) < 2:
        return None, None
    p = np.clip(rows.p, SMALLEST, 1 - SMALLEST)
    x = np.log(p) - np.log1p(-p)
    columns = np.stack([x, np.ones(len(x))])
    weights = before = np.array([1.0, 0.0])
    likelihood = -np.inf
    for _ in range(100):
        fitted = weights @ columns
        found = float((rows.positives * fitted - rows.n * np.logaddexp(0, fitted)).sum())
        if found < likelihood - 1e-9 * abs(likelihood):  # overshot: half the step
            weights = (weights + before) / 2
            continue
        q = expit(fitted)
        step = np.linalg.lstsq((columns * (rows.n * q * (1 - q))) @ columns.T,
                               columns @ (rows.positives - rows.n * q), rcond=None)[0]  # fmt: skip
        before, weights, likelihood = weights, weights + step, found
        if np.abs(step).max() < 1e-10 * (1 + np.abs(weights).max()):
            return float(weights[0]), float(weights[1])
    return None, None


def _equal_mass_error(rows: Scored, bands: int = 10) -> float | None:
    """Mean over bands of equal size of |mean p - share of positives|; rows of one score stay together."""
    n = rows.n.sum()
    if not n:
        return None
    middle = np.cumsum(rows.n) - rows.n / 2
    band = np.minimum((middle / n * bands).astype(np.int64), bands - 1)
    return float(np.abs(np.bincount(band, rows.p * rows.n - rows.positives)).sum() / n)


def reliability(rows: Scored, recalibrated: Floats) -> list[dict[str, float | int]]:
    """The steps of the CORP curve: mean score, share of positives, and a 95% Clopper-Pearson interval of each step."""
    rates, at = np.unique(recalibrated, return_inverse=True)
    n, positives, expected = (sums(at, x, len(rates)) for x in (rows.n, rows.positives, rows.p * rows.n))
    with np.errstate(invalid="ignore"):
        lower = np.where(positives > 0, beta.ppf(0.025, positives, n - positives + 1), 0.0)
        upper = np.where(positives < n, beta.ppf(0.975, positives + 1, n - positives), 1.0)
    return [
        {"score": float(expected[i] / n[i]), "rate": float(rates[i]), "lower": float(lower[i]),
         "upper": float(upper[i]), "n": int(n[i]), "positives": int(positives[i])}
        for i in range(len(rates))
    ]  # fmt: skip


def histogram(rows: Scored) -> list[dict[str, float | int]]:
    """Rows and positives by score, four bars for each power of ten; all scores below 1e-6 are in the first."""
    bounds = np.r_[0.0, 10.0 ** np.arange(-6, 0.01, 0.25)]
    bar = np.clip(np.searchsorted(bounds, rows.p, side="right") - 1, 0, len(bounds) - 2)
    n, positives = (sums(bar, x, len(bounds) - 1) for x in (rows.n, rows.positives))
    return [
        {"from": float(bounds[i]), "to": float(bounds[i + 1]), "n": int(n[i]), "positives": int(positives[i])}
        for i in range(len(n))
    ]


def amount_bands(rows: Scored) -> list[Row]:
    """Expected against actual fraud by amount, sum p A against sum y A, in bands of the score."""
    band = np.clip(np.searchsorted(BANDS, rows.p, side="right") - 1, 0, len(BANDS) - 2)
    n, positives, expected, actual = (
        sums(band, x, len(BANDS) - 1) for x in (rows.n, rows.positives, rows.expected, rows.actual)
    )
    return [
        {
            "from": BANDS[i],
            "to": BANDS[i + 1],
            "n": int(n[i]),
            "positives": int(positives[i]),
            "expected_amount": float(expected[i]),
            "actual_amount": float(actual[i]),
            "ratio": float(expected[i] / actual[i]) if actual[i] > 0 else None,
        }
        for i in range(len(n))
    ]
