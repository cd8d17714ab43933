"""Where and when it works: segments, weeks, the model's age, and how far scores have drifted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tillthen.evaluate.results.metrics import card_looks, curve_by
from tillthen.evaluate.statistics import ranking
from tillthen.evaluate.sums.by_model import AGE_DAYS, ModelCells, Slice
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.consequences import Row, consequences, share, tally
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import Floats

BINS = 10


def segments(found: ModelCells, question: Question) -> list[dict[str, Any]]:
    """Each declared segment's values, the most rows first; small ones have counts alone."""
    return [
        {"name": name, "rows": sorted((_segment(segment, str(value), question)
                                       for value in np.unique(segment.actions["value"])),
                                      key=lambda r: (-r["n"], r["value"]))}
        for name, segment in found.segments.items()
    ]  # fmt: skip


def _segment(segment: Slice, value: str, question: Question) -> Row:
    actions, scores = (cells.where("value", value) for cells in (segment.actions, segment.scores))
    done = tally(actions, actions.chosen("operating"))
    row: Row = {"value": value, "n": int(done.n), "positives": int(done.positives)}
    if done.n < question.fewest:
        return row
    told = consequences(done, 1)
    names = ("approval_rate", "insult_rate", "fraud_bps", "alert_rate", "cost", "savings")
    row |= {"base_rate": share(done.positives, done.n)} | {name: told[name] for name in names}
    if done.positives < question.fewest:
        return row
    expected = float((scores["probability"] * scores["n"]).sum())
    return row | {
        "average_precision": ranking.average_precision(curve_by(scores)),
        "precision": told["precision"],
        "recall": told["recall"],
        "value_detection_rate": told["value_detection_rate"],
        "sum_ratio": share(expected, done.positives),
    }


def weeks(counted: ModelCells) -> list[Row]:
    """Each calendar week of the test, by its Monday, under the operating policy."""
    rows = []
    for week in np.unique(counted.decisions["week"]):
        scores, decisions = (cells.where("week", week) for cells in (counted.scores, counted.decisions))
        done = tally(decisions, decisions.chosen("operating"))
        told = consequences(done, len(np.unique(decisions["day"])))
        names = ("declined", "cost", "savings", "value_detection_rate", "insult_rate", "approval_rate", "fraud_bps")
        rows.append(
            {"week": f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(week)):%Y-%m-%d}", "rows": int(done.n),
             "positives": int(done.positives), "average_precision": ranking.average_precision(curve_by(scores)),
             **{name: told[name] for name in names}}
        )  # fmt: skip
    return rows


def model_age(counted: ModelCells, question: Question) -> list[Row]:
    """By the age of the model at the decision, in steps of a week, over all folds."""
    looks = card_looks(counted.cards, question)
    rows = []
    for age in np.unique(counted.decisions["age"]):
        if age < 0:
            continue
        scores, decisions = (cells.where("age", age) for cells in (counted.scores, counted.decisions))
        done, days = tally(decisions, decisions.chosen("operating")), set(decisions["day"].tolist())
        found = ranking.mean_share([of for of in looks if of.day in days])
        rows.append(
            {"from_days": int(age) * AGE_DAYS, "to_days": (int(age) + 1) * AGE_DAYS, "rows": int(done.n),
             "positives": int(done.positives), "average_precision": ranking.average_precision(curve_by(scores)),
             "savings": consequences(done, 1)["savings"], "card_precision": found}
        )  # fmt: skip
    return rows


def score_drift(scores: Cells) -> list[Row]:
    """Each fold's probabilities against the first fold's: the population stability index over tenths of the first.

    Sum of (q - p) ln(q / p), p and q the shares of rows in a tenth, at least 1e-4. Below .1 is usually called stable,
    above .25 a shift.
    """
    folds = np.unique(scores["fold"])
    if len(folds) < 2:
        return []
    first = scores.where("fold", folds[0]).by("probability")
    reached = np.cumsum(first["n"]) / first.total("n")
    edges = np.unique(first["probability"][np.searchsorted(reached, np.arange(1, BINS) / BINS)])
    expected = _shares(first, edges)
    rows = []
    for fold in folds[1:]:
        cells = scores.where("fold", fold)
        actual = _shares(cells, edges)
        psi = float(((actual - expected) * np.log(actual / expected)).sum())
        rows.append({"fold": int(fold), "psi": psi, "n": int(cells.total("n")), "reference": f"fold {int(folds[0])}"})
    return rows


def _shares(cells: Cells, edges: Floats) -> Floats:
    bin_ = np.searchsorted(edges, cells["probability"], side="left")
    rows = np.bincount(bin_, cells["n"], minlength=len(edges) + 1)
    return np.maximum(rows / rows.sum(), 1e-4)
