"""What was measured of one model in that world, by the functions that measure real ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from tests.decide import reference
from tests.report.making.decisions import (
    Outcomes,
    capacity_table,
    card_precision_by_day,
    consequences,
    threshold_table,
)
from tests.report.making.mistakes import mistakes
from tests.report.making.slices import model_age, score_drift, segments, weeks
from tests.report.making.whatif import explorer, sensitivity
from tests.report.making.world import TEST_START, World
from tillthen.decide import policies
from tillthen.evaluate.statistics import ranking
from tillthen.evaluate.statistics.calibration import Scored, calibration_of

Facts = dict[str, Any]

TITLES = {
    "none": "Decline nothing", "all": "Decline everything", "fixed": "From a score of 0.5", "best_f1": "Best F1",
    "empirical": "Cheapest threshold", "bayes_minimum_risk": "Bayes minimum risk",
    "capacity": "Capacity by expected saving", "oracle": "Oracle (knows the outcome)",
}  # fmt: skip
POLICY = "bayes_minimum_risk"
LIMITS = {"fixed": 0.5, "best_f1": 0.21, "empirical": 0.07}


def model_facts(name: str, place: int, skill: float, drawn: World, folds: int, calibrate: bool) -> Facts:
    """All facts of a model whose scores have that skill."""
    scores = drawn.odds(skill)
    probability = np.clip(scores * drawn.labels.sum() / scores.sum(), 0, 1) if calibrate else scores
    rows = drawn.outcomes(probability)
    points = ranking.curve(probability, rows.labels, rows.amounts)
    declined = decided(rows)
    metrics = metrics_of(rows, points, declined[POLICY])
    parts = np.array_split(np.arange(len(rows)), folds)
    by_fold = [metrics_of(rows.take(part), ranking.curve(probability[part], rows.labels[part]),
                          declined[POLICY][part], bounded=False)
               for part in parts]  # fmt: skip
    bounds = [(int(rows.days[part[0]]), int(rows.days[part[-1]]) + 1) for part in parts]
    return {
        "name": name, "learner": name, "role": ("champion", "challenger", "candidate", "candidate")[place],
        "placement": "single", "parameters": {"max_depth": 6, "base_score": 0.5, "class_weight": None},
        "metrics": metrics, "metrics_with_excluded": None,
        "folds": [{"number": number + 1, "metrics": each} for number, each in enumerate(by_fold)],
        "over_folds": over_folds(by_fold) if folds > 1 else None,
        "pr_curve": ranking.thinned(points), "pr_band": band(points), "value_pr_curve": ranking.value_curve(points),
        "thresholds": threshold_table(rows), "explorer": explorer(drawn, points),
        "policies": [policy_facts(policy, rows, flags) for policy, flags in declined.items()],
        "capacity": capacity_table(rows, 100),
        "calibration": {"kind": "isotonic" if calibrate else "none",
                        "before": calibration_of(Scored.rows(scores, rows.labels, rows.amounts)),
                        "after": calibration_of(Scored.rows(probability, rows.labels, rows.amounts))
                        if calibrate else None},
        "daily": [one_day(rows.take(rows.days == day), declined[POLICY][rows.days == day], int(day))
                  for day in np.unique(rows.days)],
        **weeks(rows, declined[POLICY]), "segments": segments(drawn, rows, declined[POLICY]),
        "model_age": model_age(rows, declined[POLICY], bounds),
        "score_drift": score_drift(probability, parts), "sensitivity": sensitivity(drawn, probability),
        **mistakes(rows, declined[POLICY]),
        "early_stopping": {"best_round": 88, "patience": 20} if place == 1 else None,
        "sampling": {"negatives_kept": 0.1, "prior_corrected": True} if place == 1 else None,
        "importance": [{"feature": f"card_spend__{what}_7d", "gain": gain}
                       for what, gain in (("count", 41.2), ("mean_amount", 17.9))] if place == 1 else None,
    }  # fmt: skip


def decided(rows: Outcomes) -> dict[str, np.ndarray]:
    """What every policy declines."""
    p = rows.probability
    return {
        "none": p > 1, "all": p >= 0, **{policy: reference.above(p, limit) for policy, limit in LIMITS.items()},
        POLICY: policies.bayes_minimum_risk(p, rows.costs) == 1,
        "capacity": reference.capacity(p, rows.costs, rows.days, 20) == 1,
        "oracle": reference.oracle(rows.labels, rows.costs) == 1,
    }  # fmt: skip


def policy_facts(policy: str, rows: Outcomes, flags: np.ndarray) -> Facts:
    """A policy's outcome; of the operating one some declined payments are challenged instead."""
    found = consequences(rows, flags)
    challenged = int(found["declined"] * 0.3) if policy == POLICY else 0
    actions = {"approve": len(rows) - found["declined"], "decline": found["declined"] - challenged,
               "challenge": challenged}  # fmt: skip
    source = "the calibration window" if policy in LIMITS and policy != "fixed" else ""
    return {"name": policy, "title": TITLES[policy], "threshold": LIMITS.get(policy), "from": source, **found,
            "actions": actions}  # fmt: skip


def metrics_of(rows: Outcomes, points: ranking.Curve, declined: np.ndarray, *, bounded: bool = True) -> Facts:
    """Metrics with intervals as wide as so many positives leave them."""
    positives = int(rows.labels.sum())

    def metric(value: float | None, unit: str, *, resampled: bool = True) -> Facts:
        found = {"value": value, "n": len(rows), "positives": positives, "unit": unit}
        if not (bounded and resampled) or positives < 20 or value is None or not 0 < value < 1:
            return found
        reach = 1.96 * np.sqrt(value * (1 - value) / positives)
        return {**found, "lower": max(value - reach, 0.0), "upper": min(value + reach, 1.0)}

    cards = card_precision_by_day(rows.days, rows.cards, rows.probability, rows.labels, 100)
    cost = float(rows.costs.of_decisions(declined, rows.labels).sum())
    return {
        "roc_auc": metric(ranking.roc_auc(points), "ratio"),
        "average_precision": metric(ranking.average_precision(points), "ratio"),
        "card_precision": metric(ranking.mean_share(cards), "share"),
        "base_rate": metric(float(rows.labels.mean()), "share", resampled=False),
        "brier": metric(float(((rows.probability - rows.labels) ** 2).mean()), "ratio", resampled=False),
        "savings": metric(rows.costs.savings(cost, rows.labels), "share"),
        "recall_at_fpr": {
            str(rate): metric(ranking.recall_at(points, rate), "share") for rate in (0.001, 0.005, 0.01, 0.05)
        },
    }


def over_folds(by_fold: list[Facts]) -> Facts:
    """Mean and sample standard deviation of each metric."""
    found = {}
    for name in ("roc_auc", "average_precision", "card_precision", "savings"):
        values = [metrics[name]["value"] for metrics in by_fold if metrics[name]["value"] is not None]
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
        found[name] = {"mean": float(np.mean(values)) if values else None, "sd": spread, "n": len(values)}
    return found


def band(points: ranking.Curve) -> list[Facts]:
    """A band of precision as wide as so many flagged rows leave it, at twenty recalls."""
    found = []
    for recall in np.linspace(0.05, 1, 20):
        place = int(np.searchsorted(points.recall, recall - 1e-9))
        precision, flagged = float(points.precision[place]), int(points.flagged[place])
        reach = 1.96 * np.sqrt(max(precision * (1 - precision), 0.04) / flagged)
        found.append({"recall": float(recall), "lower": max(precision - reach, 0.0),
                      "upper": min(precision + reach, 1.0)})  # fmt: skip
    return found


def one_day(rows: Outcomes, declined: np.ndarray, day: int) -> Facts:
    """A day's row."""
    return {
        "day": str(TEST_START + timedelta(days=day)), "rows": len(rows), "positives": int(rows.labels.sum()),
        "declined": int(declined.sum()), "cost": float(rows.costs.of_decisions(declined, rows.labels).sum()),
        "cost_none": float(rows.costs.of_decisions(declined & False, rows.labels).sum()),
        "card_precision": float(rows.labels[np.argsort(-rows.probability)[:30]].mean()),
    }  # fmt: skip
