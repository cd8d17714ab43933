"""Facts of a whole backtest in that world."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

from tests.report.making.measured import POLICY, model_facts
from tests.report.making.world import at, world

Facts = dict[str, Any]

MODELS = {"logistic_regression": 1.5, "xgboost": 2.0, "random_forest": 1.8, "decision_tree": 0.9}
VERDICT = (
    ("net_cost", "Net cost", "money", "lower", "cost"), ("savings", "Savings", "share", "higher", "savings"),
    ("value_detection_rate", "Value detection rate", "share", "higher", "value_detection_rate"),
    ("approval_rate", "Approval rate", "share", "higher", "approval_rate"),
    ("false_positives_per_true", "False positives per fraud", "ratio", "lower", "false_positives_per_true"),
)  # fmt: skip


def facts(
    models: int = 2, folds: int = 1, rows: int = 2000, rate: float = 0.04, calibrate: bool = True, days: int = 7
) -> Facts:
    """Of ``rows`` payments, the share ``rate`` fraud; the first model is the champion, the second the challenger."""
    drawn = world(rows, rate, days)
    positives = int(drawn.labels.sum())
    measured = [
        model_facts(name, place, skill, drawn, folds, calibrate and place > 0)
        for place, (name, skill) in enumerate(list(MODELS.items())[:models])
    ]
    challenger = "xgboost" if models > 1 else None
    return {
        "format": "tillthen-facts/1",
        "backtest": {"name": "card_fraud", "description": "Train a week, wait a week, test.", "table": "card_features",
                     "label": "fraud", "champion": "logistic_regression", "challenger": challenger, "currency": "EUR",
                     "minor_digits": 2, "card": "card_id", "capacity": 100, "policy": POLICY,
                     "segments": ["country", "channel"]},
        "verdict": verdict(measured, rows, positives, days),
        "protocol": protocol(folds, rows, positives, days),
        "models": measured,
        "published": [
            {"model": "logistic_regression", "metric": metric, "published": value, "measured": value + off,
             "difference": off, "within": 0.003, "holds": abs(off) <= 0.003, "source": "Handbook, baseline"}
            for metric, value, off in (("roc_auc", 0.871, 0.0011), ("average_precision", 0.606, -0.0158))
        ],
        "features": [
            {"name": f"card_spend__{what}_{span}", "description": "Spending habits of a card.",
             "clock": f"{what} of transactions, [as_of - {span}, as_of)", "source": "transactions",
             "nulls_share": nulls,
             "drift": [{"fold": fold + 1, "psi": 0.004 * (fold + 1) * len(span) + nulls} for fold in range(folds)]}
            for what, nulls in (("count", 0.0), ("mean_amount", 0.0312)) for span in ("1d", "7d", "30d")
        ],
        "provenance": {
            "tables": [{"name": "card_features", "path": "warehouse/card_features", "version": 3, "rows": 1754155,
                        "definitions_hash": "9f2c41d0a7e5"}],
            "code_hash": "5b1e09c2d4", "definitions_hash": "9f2c41d0a7e5", "versions": {"python": "3.11.9"},
            "seeds": {"bootstrap": 0}, "costs": {"amount": "TX_AMOUNT * 100", **asdict(drawn.terms)},
            "parameters": None, "run": {"id": "run-0001"},
            "registry": {"model": "card_fraud", "version": 4, "alias": "challenger"},
            "evaluation": {"method": "exact", "bound": "every distinct score is a cell"},
        },
        "limits": ["Declined payments have no outcome; these were all approved.", "One country, one season."],
    }  # fmt: skip


def verdict(measured: list[Facts], n: int, positives: int, days: int) -> Facts:
    """Champion against challenger; the intervals are made up around the difference."""
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
    savings = sides[-1]["savings"] or 0.0
    return {
        "policy": POLICY, "rows": rows,
        "sentences": ["The challenger would have cost less.", "It insults fewer customers.", "One week was measured."],
        "interval_note": "95% intervals from 1000 resamples." if days >= 20 else f"{days} days: too few days.",
        "gates": [{"name": "savings", "holds": True, "expected": "at least 0.3", "measured": savings,
                   "words": "The challenger saves at least three tenths of what doing nothing costs."},
                  {"name": "approval rate", "holds": False, "expected": "at least 0.995", "measured": 0.991,
                   "words": "Nearly all payments are approved."}],
    }  # fmt: skip


def protocol(folds: int, n: int, positives: int, days: int) -> Facts:
    """Windows that add up to the test days, and the checks of the checks."""
    each = [days * k // folds for k in range(folds + 1)]

    def share(total: int, fold: int) -> int:
        return total * (fold + 1) // folds - total * fold // folds

    return {
        "mode": "rolling", "label_rule": "fraud: an outcome known by then; genuine after 7 days without one",
        "maturity": "7d", "evaluation_time": at(7 + days), "policy_thresholds_from": "the calibration window",
        "folds": [
            {"number": k + 1, "trained_by": k + 1, "train_from": at(first - 28), "train_to": at(first - 21),
             "train_cutoff": at(first - 14), "calibrate_from": at(first - 14), "calibrate_to": at(first - 7),
             "test_from": at(first), "test_to": at(last),
             "train": {"rows": 67240, "positives": 598, "immature": 31, "unknown": 2},
             "calibrate": {"rows": 9605, "positives": 71, "immature": 0, "unknown": 0},
             "test": {"rows": share(n, k), "positives": share(positives, k), "immature": 12, "unknown": 0,
                      "excluded": share(9021, k), "excluded_positives": share(411, k)}}
            for k, (first, last) in enumerate(pairwise(each))
        ],
        "exclusions": [{"rule": "a card with a fraud known before the day", "rows": 9021, "positives": 411}],
        "maturity_curve": [{"days": float(day), "share": 1 - 0.7**day} for day in range(15)],
        "canaries": [
            {"name": "labels shuffled", "expected": "the base rate", "measured": 0.0071, "fired": True,
             "words": "Trained on shuffled labels, average precision falls to the base rate."},
            {"name": "label delay 0", "expected": "better than it is", "measured": 0.7312, "fired": True,
             "words": "With labels known at once the model looks better than it can be."},
        ],
        "declined": {
            "rule": "decided_at_the_time = 'decline'",
            **{bound: {"base_rate": {"value": base, "n": rows, "positives": count, "unit": "share"},
                       "fraud_bps": {"value": bps, "n": rows, "positives": count, "unit": "bps"}}
               for bound, base, bps, rows, count in (
                   ("approved_only", positives / n, 5.1, n, positives),
                   ("all_genuine", positives / (n + 100), 4.9, n + 100, positives),
                   ("all_fraud", (positives + 100) / (n + 100), 12.3, n + 100, positives + 100))},
        },
        "audit": {"run_id": "20180830T010203Z-4711ab", "version": 3, "rows": 200, "values": 5200, "differences": 0,
                  "leaks": [], "doubts": []},
    }  # fmt: skip
