"""Where and when it works: segments, weeks, the model's age, and how far scores have drifted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tillthen.evaluate import ranking
from tillthen.evaluate.cells import Cells
from tillthen.evaluate.collected import ModelCells
from tillthen.evaluate.consequences import Row, consequences, share, tally
from tillthen.evaluate.metrics import card_shares, curve_by
from tillthen.evaluate.question import Question
from tillthen.runtime.arrays import Floats

FEW_POSITIVES = 10
"""With fewer frauds than this, ranking and detection of a segment are not shown."""
BINS = 10
AGE_DAYS = 7


def segments(found: ModelCells, question: Question) -> list[dict[str, Any]]:
    """Each declared segment's values, the most rows first; small ones have counts alone."""
    return [
        {"name": name, "rows": sorted((_segment(cells.take(cells["value"] == value), str(value), question)
                                       for value in np.unique(cells["value"])), key=lambda r: (-r["n"], r["value"]))}
        for name, cells in found.segments.items()
    ]  # fmt: skip


def _segment(cells: Cells, value: str, question: Question) -> Row:
    done = tally(cells, cells.chosen("operating"))
    row: Row = {"value": value, "n": int(done.n), "positives": int(done.positives)}
    if done.n < question.fewest:
        return row
    told = consequences(done, 1)
    names = ("approval_rate", "insult_rate", "fraud_bps", "alert_rate", "cost", "savings")
    row |= {"base_rate": share(done.positives, done.n)} | {name: told[name] for name in names}
    if done.positives < FEW_POSITIVES:
        return row
    expected = float((cells["probability"] * cells["n"]).sum())
    return row | {
        "average_precision": ranking.average_precision(curve_by(cells)),
        "precision": told["precision"],
        "recall": told["recall"],
        "value_detection_rate": told["value_detection_rate"],
        "sum_ratio": share(expected, done.positives),
    }


def weeks(counted: Cells) -> list[Row]:
    """Each calendar week of the test, by its Monday, under the operating policy."""
    monday = counted["day"] - (counted["day"] + 3) % 7  # the epoch's first day was a Thursday
    rows = []
    for week in np.unique(monday):
        cells = counted.take(monday == week)
        done = tally(cells, cells.chosen("operating"))
        told = consequences(done, len(np.unique(cells["day"])))
        names = ("declined", "cost", "savings", "value_detection_rate", "insult_rate", "approval_rate", "fraud_bps")
        rows.append(
            {"week": f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(week)):%Y-%m-%d}", "rows": int(done.n),
             "positives": int(done.positives), "average_precision": ranking.average_precision(curve_by(cells)),
             **{name: told[name] for name in names}}
        )  # fmt: skip
    return rows


def model_age(found: ModelCells, question: Question) -> list[Row]:
    """By the age of the model at the decision, in steps of a week, over all folds."""
    counted = found.counted
    folds, at = np.unique(counted["fold"], return_inverse=True)
    begun = np.array([question.ages.get(int(fold), -1) for fold in folds], dtype=np.int64)[at]
    step = np.where(begun >= 0, (counted["day"] - begun) // AGE_DAYS, -1)
    shares = card_shares(found.cards, question)
    rows = []
    for age in np.unique(step[step >= 0]):
        cells = counted.take(step == age)
        done, days = tally(cells, cells.chosen("operating")), set(cells["day"].tolist())
        cards = [found_ for day, found_, _ in shares if day in days]
        rows.append(
            {"from_days": int(age) * AGE_DAYS, "to_days": (int(age) + 1) * AGE_DAYS, "rows": int(done.n),
             "positives": int(done.positives), "average_precision": ranking.average_precision(curve_by(cells)),
             "savings": consequences(done, 1)["savings"], "card_precision": float(np.mean(cards)) if cards else None}
        )  # fmt: skip
    return rows


def score_drift(counted: Cells) -> list[Row]:
    """Each fold's probabilities against the first fold's: the population stability index over tenths of the first.

    Sum of (q - p) ln(q / p), p and q the shares of rows in a tenth, at least 1e-4. Below .1 is usually called stable,
    above .25 a shift.
    """
    folds = np.unique(counted["fold"])
    if len(folds) < 2:
        return []
    first = counted.take(counted["fold"] == folds[0]).by("probability")
    reached = np.cumsum(first["n"]) / first.total("n")
    edges = np.unique(first["probability"][np.searchsorted(reached, np.arange(1, BINS) / BINS)])
    expected = _shares(first, edges)
    rows = []
    for fold in folds[1:]:
        cells = counted.take(counted["fold"] == fold)
        actual = _shares(cells, edges)
        psi = float(((actual - expected) * np.log(actual / expected)).sum())
        rows.append({"fold": int(fold), "psi": psi, "n": int(cells.total("n")), "reference": f"fold {int(folds[0])}"})
    return rows


def _shares(cells: Cells, edges: Floats) -> Floats:
    bin_ = np.searchsorted(edges, cells["probability"], side="left")
    rows = np.bincount(bin_, cells["n"], minlength=len(edges) + 1)
    return np.maximum(rows / rows.sum(), 1e-4)
