"""The metrics of one model: ranking, calibration and money, each with what it rests on and its interval."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tillthen.decide.costs import savings
from tillthen.evaluate.statistics import clusters, ranking
from tillthen.evaluate.statistics.resampling import Resampled, Statistic, Totals, interval
from tillthen.evaluate.sums.by_model import ModelCells, TopCards
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import Floats

FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01, 0.05)


def net_savings(totals: Totals) -> Floats:
    """Savings of the operating policy."""
    return 1 - totals["cost"] / np.minimum(totals["none"], totals["all"])


STATISTICS: dict[str, Statistic] = {
    "roc_auc": clusters.roc_auc,
    "average_precision": clusters.average_precision,
    "base_rate": lambda t: t["positives"] / t["rows"],
    "brier": clusters.brier,
    "card_precision": clusters.card_precision,
    "sum_ratio": lambda t: t["expected"] / t["positives"],
    "savings": net_savings,
    **{str(rate): partial(clusters.recall_at, rate=rate) for rate in FALSE_POSITIVE_RATES},
}


def metrics(
    found: ModelCells, question: Question, drawn: Resampled | None, *, everything: bool = False
) -> dict[str, Any]:
    """Each metric with rows, positives, unit and, where there are draws, a 95% interval; ``everything`` takes in the
    rows that are left out elsewhere.
    """  # noqa: D205
    of = found if everything else found.counted
    scores, decisions = of.scores, of.decisions
    n, positives = scores.total("n"), scores.total("positives")
    points = curve_by(scores)
    p = scores["probability"]
    squared = (scores["n"] * p**2 + scores["positives"] * (1 - 2 * p)).sum()
    looks = card_looks(found.cards_all if everything else found.cards, question)
    values = {
        "roc_auc": (ranking.roc_auc(points), "ratio"),
        "average_precision": (ranking.average_precision(points), "ratio"),
        "card_precision": (ranking.mean_share(looks), "share"),
        "base_rate": (positives / n if n else None, "share"),
        "brier": (float(squared) / n if n else None, "ratio"),
        "sum_ratio": (float((p * scores["n"]).sum()) / positives if positives else None, "ratio"),
        "savings": (
            savings(*(decisions.spent(policy) for policy in ("operating", "none", "all"))) if n else None, "share",
        ),
    }  # fmt: skip

    def metric(name: str, value: float | None, unit: str) -> dict[str, Any]:
        row: dict[str, Any] = {"value": value, "n": int(n), "positives": int(positives), "unit": unit}
        if drawn is None or value is None or name not in STATISTICS:
            return row
        around = interval(drawn, STATISTICS[name], value)
        least, most = (-np.inf if name == "savings" else 0.0), (np.inf if name == "sum_ratio" else 1.0)
        within = (None, None) if around is None else (max(around.lower, least), min(around.upper, most))
        return row | dict(zip(("lower", "upper"), within, strict=True))

    found_ = {name: metric(name, value, unit) for name, (value, unit) in values.items()}
    recalls = {str(rate): ranking.recall_at(points, rate) for rate in FALSE_POSITIVE_RATES}
    found_["card_precision"] |= {"looked": sum(of.known for of in looks), "unknown": sum(of.unknown for of in looks)}
    return found_ | {"recall_at_fpr": {rate: metric(rate, value, "share") for rate, value in recalls.items()}}


def curve_by(cells: Cells) -> ranking.Curve:
    """The precision-recall curve of cells by their probability."""
    return ranking.curve_of(
        cells["probability"], cells["n"], cells["positives"], cells["amount"], cells["fraud_amount"]
    )


def card_looks(cards: TopCards | None, question: Question) -> list[ranking.Looks]:
    """What looking at cards finds by day; empty where the scores name no card."""
    if cards is None:
        return []
    return ranking.card_precision(cards.day, cards.card, cards.bad, cards.known, question.capacity)
