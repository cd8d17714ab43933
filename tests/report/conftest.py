"""Facts of a small seeded world: scores, outcomes and amounts are drawn, figures come from ``tillthen.evaluate``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tillthen.decide import policies
from tillthen.decide.costs import CostTable, savings
from tillthen.evaluate import ranking
from tillthen.evaluate.calibration import calibration
from tillthen.evaluate.decisions import Outcomes, capacity_table, consequences, threshold_table

Facts = dict[str, Any]

MODELS = {"logistic_regression": 1.5, "xgboost": 2.0, "random_forest": 1.8, "decision_tree": 0.9}
TITLES = {
    "none": "Decline nothing", "all": "Decline everything", "fixed": "From a score of 0.5", "best_f1": "Best F1",
    "empirical": "Cheapest threshold", "bayes_minimum_risk": "Bayes minimum risk", "capacity": "Capacity",
    "oracle": "Oracle",
}  # fmt: skip
VERDICT = (
    ("net_cost", "Net cost", "money", "lower", "cost"), ("savings", "Savings", "share", "higher", "savings"),
    ("value_detection_rate", "Value detection rate", "share", "higher", "value_detection_rate"),
    ("approval_rate", "Approval rate", "share", "higher", "approval_rate"),
    ("false_positives_per_true", "False positives per fraud", "ratio", "lower", "false_positives_per_true"),
)  # fmt: skip
POLICY = "bayes_minimum_risk"
TEST_START = date(2018, 8, 8)


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., Facts]:
    return facts


@pytest.fixture
def write_facts(tmp_path: Path) -> Callable[[Facts], Path]:
    def write(plain: Facts) -> Path:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(plain, sort_keys=True))
        return path

    return write


def facts(
    models: int = 2, folds: int = 1, rows: int = 2000, rate: float = 0.04, calibrate: bool = True, days: int = 7
) -> Facts:
    """Of ``rows`` payments, the share ``rate`` fraud; the first model is the champion, the second the challenger."""
    random = np.random.default_rng(7)
    labels = (np.arange(rows) < round(rows * rate)).astype(np.int64)[random.permutation(rows)]
    amounts = np.round(np.exp(random.normal(8.2 + 0.6 * labels, 0.9)))
    costs = CostTable(amounts + 2500, 0.1 * amounts, np.zeros(rows))
    where = (np.sort(random.integers(0, days, rows)), random.integers(0, rows // 8, rows), costs)
    measured = [
        model_facts(name, place, odds(random, labels, skill), Outcomes(np.zeros(rows), labels, amounts, *where),
                    folds, calibrate and place > 0)
        for place, (name, skill) in enumerate(list(MODELS.items())[:models])
    ]  # fmt: skip
    challenger = "xgboost" if models > 1 else None
    return {
        "format": "tillthen-facts/1",
        "backtest": {"name": "card_fraud", "description": "Train a week, wait a week, test.", "table": "card_features",
                     "label": "fraud", "champion": "logistic_regression", "challenger": challenger, "currency": "EUR",
                     "minor_digits": 2, "card": "card_id", "capacity": 100},
        "verdict": verdict(measured, rows, int(labels.sum()), days),
        "protocol": protocol(folds, rows, int(labels.sum()), days),
        "models": measured,
        "published": [
            {"model": "logistic_regression", "metric": metric, "published": value, "measured": value + off,
             "difference": off, "within": 0.003, "holds": abs(off) <= 0.003, "source": "Handbook, baseline"}
            for metric, value, off in (("roc_auc", 0.871, 0.0011), ("average_precision", 0.606, -0.0158))
        ],
        "features": [
            {"name": f"card_spend__{what}_{span}", "description": "Spending habits of a card.",
             "clock": f"{what} of transactions, [as_of - {span}, as_of)", "source": "transactions",
             "nulls_share": nulls}
            for what, nulls in (("count", 0.0), ("mean_amount", 0.0312)) for span in ("1d", "7d", "30d")
        ],
        "provenance": {
            "tables": [{"name": "card_features", "path": "warehouse/card_features", "version": 3, "rows": 1754155,
                        "definitions_hash": "9f2c41d0a7e5"}],
            "code_hash": "5b1e09c2d4", "definitions_hash": "9f2c41d0a7e5", "versions": {"python": "3.11.9"},
            "seeds": {"bootstrap": 0}, "costs": {"amount": "TX_AMOUNT * 100", "chargeback_fee": 2000, "margin": 0.1},
            "parameters": None, "run": {"id": "run-0001"},
        },
        "limits": ["Declined payments have no outcome; these were all approved.", "One country, one season."],
    }  # fmt: skip


def odds(random: np.random.Generator, labels: np.ndarray, skill: float) -> np.ndarray:
    """Probabilities that are nearly calibrated: the log odds of a normal score, and some noise."""
    base = np.log(labels.mean() / (1 - labels.mean()))
    score = random.normal(skill * labels, 1.0)
    return 1 / (1 + np.exp(-(base + 1.3 * skill * (score - skill / 2))))


def model_facts(name: str, place: int, scores: np.ndarray, rows: Outcomes, folds: int, calibrate: bool) -> Facts:
    probability = np.clip(scores * rows.labels.sum() / scores.sum(), 0, 1) if calibrate else scores
    rows = Outcomes(probability, rows.labels, rows.amounts, rows.days, rows.cards, rows.costs)
    points = ranking.curve(probability, rows.labels, rows.amounts)
    limits = {"fixed": 0.5, "best_f1": 0.21, "empirical": 0.07}
    declined = {
        "none": probability > 1, "all": probability >= 0,
        **{policy: policies.above(probability, limit) for policy, limit in limits.items()},
        POLICY: policies.bayes_minimum_risk(probability, rows.costs),
        "capacity": policies.capacity(probability, rows.costs, rows.days, 20),
        "oracle": policies.oracle(rows.labels, rows.costs),
    }  # fmt: skip
    metrics = metrics_of(rows, points, declined[POLICY])
    return {
        "name": name, "learner": name, "role": ("champion", "challenger", "candidate", "candidate")[place],
        "placement": "single", "parameters": {"max_depth": 6, "base_score": 0.5, "class_weight": None},
        "metrics": metrics, "metrics_with_excluded": None,
        "folds": [{"number": number + 1, "metrics": metrics} for number in range(folds)],
        "pr_curve": ranking.thinned(points), "value_pr_curve": ranking.value_curve(points),
        "thresholds": threshold_table(rows),
        "policies": [{"name": policy, "title": TITLES[policy], "threshold": limits.get(policy), "from": "earlier data",
                      **consequences(rows, flags)} for policy, flags in declined.items()],
        "capacity": capacity_table(rows, 100),
        "calibration": {"kind": "isotonic" if calibrate else "none",
                        "before": calibration(scores, rows.labels, rows.amounts),
                        "after": calibration(probability, rows.labels, rows.amounts) if calibrate else None},
        "daily": [one_day(rows.take(rows.days == day), declined[POLICY][rows.days == day], int(day))
                  for day in np.unique(rows.days)],
        "importance": [{"feature": "card_spend__count_7d", "gain": 41.2}] if place == 1 else None,
    }  # fmt: skip


def metrics_of(rows: Outcomes, points: ranking.Curve, declined: np.ndarray) -> Facts:
    def metric(value: float | None, unit: str) -> Facts:
        return {"value": value, "n": len(rows), "positives": int(rows.labels.sum()), "unit": unit}

    shares = ranking.card_precision_by_day(rows.days, rows.cards, rows.probability, rows.labels, 100)
    cost = float(rows.costs.of(declined, rows.labels).sum())
    return {
        "roc_auc": metric(ranking.roc_auc(points), "ratio"),
        "average_precision": metric(ranking.average_precision(points), "ratio"),
        "card_precision": metric(float(np.mean([share for _, share, _ in shares])), "share"),
        "base_rate": metric(float(rows.labels.mean()), "share"),
        "savings": metric(savings(cost, rows.costs, rows.labels), "share"),
        "recall_at_fpr": {str(rate): metric(ranking.recall_at(points, rate), "share") for rate in (0.001, 0.01)},
    }


def one_day(rows: Outcomes, declined: np.ndarray, day: int) -> Facts:
    return {
        "day": str(TEST_START + timedelta(days=day)), "rows": len(rows), "positives": int(rows.labels.sum()),
        "declined": int(declined.sum()), "cost": float(rows.costs.of(declined, rows.labels).sum()),
        "cost_none": float(rows.costs.of(declined & False, rows.labels).sum()),
        "card_precision": float(rows.labels[np.argsort(-rows.probability)[:30]].mean()),
    }  # fmt: skip


def verdict(measured: list[Facts], n: int, positives: int, days: int) -> Facts:
    sides = [next(row for row in model["policies"] if row["name"] == POLICY) for model in measured[:2]]
    rows = []
    for metric, title, unit, better, column in VERDICT:
        first, second = sides[0][column], sides[1][column] if len(sides) > 1 else None
        gap = None if first is None or second is None else second - first
        known = gap is not None and days >= 20
        rows.append({
            "metric": metric, "title": title, "unit": unit, "better": better, "champion": first, "challenger": second,
            "difference": gap, "lower": gap - 0.6 * abs(gap) if known else None,
            "upper": gap + 1.1 * abs(gap) if known else None, "p_better": 0.973 if known else None, "n": n,
            "positives": positives, "note": None,
        })  # fmt: skip
    return {
        "policy": POLICY, "rows": rows,
        "sentences": ["The challenger would have cost less.", "It insults fewer customers.", "One week was measured."],
        "interval_note": "95% intervals from 1000 resamples." if days >= 20 else f"{days} days: too few days.",
        "gates": [{"name": "savings", "holds": True, "expected": "at least 0.3", "measured": 0.31},
                  {"name": "approval rate", "holds": False, "expected": "at least 0.995", "measured": 0.991}],
    }  # fmt: skip


def protocol(folds: int, n: int, positives: int, days: int) -> Facts:
    def at(day: int) -> str:
        return f"{TEST_START + timedelta(days=day)}T00:00:00+00:00"

    return {
        "mode": "rolling", "label_rule": "fraud: an outcome known by then; genuine after 7 days without one",
        "maturity": "7d", "evaluation_time": at(7 + days * folds), "policy_thresholds_from": "the calibration window",
        "folds": [
            {"number": k + 1, "train_from": at(days * k - 21), "train_to": at(days * k - 14),
             "train_cutoff": at(days * k - 7), "calibrate_from": at(days * k - 7), "calibrate_to": at(days * k),
             "test_from": at(days * k), "test_to": at(days * k + days),
             "train": {"rows": 67240, "positives": 598, "immature": 31, "unknown": 2},
             "calibrate": {"rows": 9605, "positives": 71, "immature": 0, "unknown": 0},
             "test": {"rows": n, "positives": positives, "immature": 12, "unknown": 0, "excluded": 9021,
                      "excluded_positives": 411}}
            for k in range(folds)
        ],
        "exclusions": [{"rule": "a card with a fraud known before the day", "rows": 9021, "positives": 411}],
        "maturity_curve": [{"days": float(day), "share": 1 - 0.7**day} for day in range(15)],
        "canaries": [
            {"name": "labels shuffled", "expected": "the base rate", "measured": 0.0071, "fired": True},
            {"name": "label delay 0", "expected": "better than it is", "measured": 0.7312, "fired": True},
        ],
    }  # fmt: skip
