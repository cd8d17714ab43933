"""What the facts say of one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tillthen.backtest.data import DAY, moment
from tillthen.backtest.folds import FoldRun
from tillthen.backtest.pooled import TITLES, Pooled
from tillthen.decide.costs import savings
from tillthen.define.backtest import Backtest, Model
from tillthen.evaluate import ranking
from tillthen.evaluate.calibration import calibration
from tillthen.evaluate.decisions import Outcomes, capacity_table, consequences, threshold_table
from tillthen.runtime.arrays import Bools

FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01, 0.05)
POLICY = "bayes_minimum_risk"
"""The operating point at which champion and challenger are compared."""


def model_facts(backtest: Backtest, model: Model, runs: Sequence[FoldRun], pooled: Pooled) -> dict[str, Any]:
    """Everything that the report draws of one model, over all folds and for each."""
    fitted = runs[-1].models[model.name].fitted
    counted = pooled.counted
    rows = counted.outcomes
    points = ranking.curve(rows.probability, rows.labels, rows.amounts)
    return {
        "name": model.name,
        "learner": model.learner,
        "role": _role(backtest, model),
        "placement": fitted.placement,
        "parameters": fitted.parameters,
        "metrics": metrics(backtest, counted),
        "metrics_with_excluded": metrics(backtest, pooled) if pooled.excluded.any() else None,
        "folds": [
            {"number": run.fold.number, "metrics": metrics(backtest, counted.take(counted.fold == run.fold.number))}
            for run in runs
        ],
        "pr_curve": ranking.thinned(points),
        "value_pr_curve": ranking.value_curve(points),
        "thresholds": threshold_table(rows),
        "policies": _policies(runs, model, counted),
        "capacity": capacity_table(rows, backtest.capacity),
        "calibration": _calibration(model, counted),
        "daily": _daily(backtest, counted),
        "importance": fitted.importance(),
    }


def metrics(backtest: Backtest, pooled: Pooled) -> dict[str, Any]:
    """Ranking, calibration and money over some test rows, each with what it rests on."""
    rows = pooled.outcomes
    n, positives = len(rows), int(rows.labels.sum())

    def metric(value: float | None, unit: str) -> dict[str, Any]:
        return {"value": value, "n": n, "positives": positives, "unit": unit}

    points = ranking.curve(rows.probability, rows.labels)
    p = rows.probability
    cost = float(rows.costs.of(pooled.declined[POLICY], rows.labels).sum())
    return {
        "roc_auc": metric(ranking.roc_auc(points), "ratio"),
        "average_precision": metric(ranking.average_precision(points), "ratio"),
        "card_precision": metric(_card_precision(backtest, rows), "share"),
        "base_rate": metric(positives / n if n else None, "share"),
        "brier": metric(float(((p - rows.labels) ** 2).mean()) if n else None, "ratio"),
        "savings": metric(savings(cost, rows.costs, rows.labels), "share"),
        "recall_at_fpr": {str(rate): metric(ranking.recall_at(points, rate), "share") for rate in FALSE_POSITIVE_RATES},
    }


def _role(backtest: Backtest, model: Model) -> str:
    roles = {backtest.challenger: "challenger", backtest.champion: "champion"}
    return roles.get(model.name, "candidate")


def _card_precision(backtest: Backtest, rows: Outcomes) -> float | None:
    if backtest.card is None or not len(rows):
        return None
    days = ranking.card_precision_by_day(rows.days, rows.cards, rows.probability, rows.labels, backtest.capacity)
    return float(np.mean([share for _, share, _ in days]))


def _policies(runs: Sequence[FoldRun], model: Model, counted: Pooled) -> list[dict[str, Any]]:
    """What each policy did; a threshold is shown where all folds share it."""
    fitted = [run.models[model.name].thresholds for run in runs]
    rows = []
    for name, declined in counted.declined.items():
        thresholds = {0.5} if name == "fixed" else {found[name] for found in fitted if name in found}
        rows.append(
            {
                "name": name,
                "title": TITLES[name],
                "threshold": next(iter(thresholds)) if len(thresholds) == 1 else None,
                "from": thresholds_from(runs) if name in ("best_f1", "empirical") else "",
                **consequences(counted.outcomes, declined),
            }
        )
    return rows


def thresholds_from(runs: Sequence[FoldRun]) -> str:
    """On which data learned thresholds were fitted, in words."""
    if runs[0].calibrate is not None:
        return "the calibration window"
    return "the last quarter of the training window, scored by a model of the first three quarters"


def _calibration(model: Model, counted: Pooled) -> dict[str, Any]:
    rows = counted.outcomes
    before = calibration(counted.scores, rows.labels, rows.amounts)
    after = None if model.calibration == "none" else calibration(rows.probability, rows.labels, rows.amounts)
    return {"kind": model.calibration, "before": before, "after": after}


def _daily(backtest: Backtest, counted: Pooled) -> list[dict[str, Any]]:
    rows, declined = counted.outcomes, counted.declined[POLICY]
    found = {}
    if backtest.card is not None:
        by_day = ranking.card_precision_by_day(rows.days, rows.cards, rows.probability, rows.labels, backtest.capacity)
        found = {day: share for day, share, _ in by_day}
    return [
        {"day": f"{moment(int(day) * DAY):%Y-%m-%d}", "card_precision": found.get(int(day)),
         **_one_day(rows.take(rows.days == day), declined[rows.days == day])}
        for day in np.unique(rows.days)
    ]  # fmt: skip


def _one_day(rows: Outcomes, declined: Bools) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "positives": int(rows.labels.sum()),
        "declined": int(declined.sum()),
        "cost": float(rows.costs.of(declined, rows.labels).sum()),
        "cost_none": float(rows.costs.of(np.zeros(len(rows), dtype=bool), rows.labels).sum()),
    }
