"""What the facts say of one model: every table and curve, from sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tillthen.decide.actions import limited
from tillthen.decide.rules import FIXED, RULES
from tillthen.evaluate.results.metrics import card_looks, curve_by, metrics
from tillthen.evaluate.results.sensitivity import sensitivity
from tillthen.evaluate.results.slices import model_age, score_drift, segments, weeks
from tillthen.evaluate.results.thresholds import explorer, threshold_table
from tillthen.evaluate.statistics import ranking
from tillthen.evaluate.statistics.calibration import Scored, calibration_of
from tillthen.evaluate.statistics.clusters import RECALLS, precision_at, resampled
from tillthen.evaluate.statistics.resampling import Resampled, deviations
from tillthen.evaluate.sums.by_model import Collected, ModelCells
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.consequences import Row, by_action, consequences, tally, with_capacity
from tillthen.evaluate.sums.question import Question

FROM_ELSEWHERE = {"best_f1": "best_f1", "empirical": "best_f1", "saving_threshold": "saving_threshold"}
"""Policies whose threshold was learned from data before the test, each with one that is there where that could be."""


def measures(collected: Collected, question: Question, model: str) -> dict[str, Any]:
    """Everything that the report draws of one model, over all folds and for each."""
    found = collected.models[model]
    counted = found.counted
    scores, decisions = counted.scores, counted.decisions
    days = len(np.unique(decisions["day"]))
    drawn = resampled(found, card_looks(found.cards, question)) if len(decisions) else None
    points = curve_by(scores)
    folds = [_fold(found, question, int(number)) for number in np.unique(decisions["fold"])]
    by_week = weeks(counted)
    return {
        "metrics": metrics(found, question, drawn),
        "metrics_with_excluded": metrics(found, question, None, everything=True)
        if found.decisions["excluded"].any() else None,
        "folds": folds,
        "over_folds": over_folds(folds),
        "pr_curve": ranking.thinned(points),
        "pr_band": _band(points, drawn),
        "value_pr_curve": ranking.value_curve(points),
        "thresholds": threshold_table(scores, days),
        "explorer": explorer(scores, days),
        "policies": _policies(found, question, model, days),
        "capacity": [
            {"k": k, **consequences(with_capacity(decisions, found.capacity, k), days)} for k in question.sizes
        ],
        "sensitivity": sensitivity(decisions, found.sensitivity) if len(decisions) else [],
        "calibration": _calibration(scores, question.calibration.get(model, "none")),
        "daily": _daily(found, question),
        "segments": segments(found, question),
        "weeks": by_week,
        "worst_week": _worst(by_week),
        "model_age": model_age(counted, question),
        "score_drift": score_drift(scores),
        **found.worst,
    }  # fmt: skip


def _fold(found: ModelCells, question: Question, number: int) -> dict[str, Any]:
    return {"number": number, "metrics": metrics(found.of_fold(number), question, None)}


def over_folds(folds: Sequence[dict[str, Any]]) -> dict[str, dict[str, float | int | None]]:
    """Each metric's mean and sample standard deviation over folds; that is how folds differ, not an interval."""
    rows: dict[str, list[float]] = {}
    for fold in folds:
        for name, metric in fold["metrics"].items():
            named = {name: metric} if "value" in metric else {f"{name}@{key}": m for key, m in metric.items()}
            for key, one in named.items():
                rows.setdefault(key, [])
                if one["value"] is not None:
                    rows[key].append(one["value"])
    return {
        name: {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
               "n": len(values)}
        for name, values in rows.items() if values
    }  # fmt: skip


def _band(points: ranking.Curve, drawn: Resampled | None) -> list[dict[str, float]]:
    """A 95% pointwise band of precision by recall, around the curve itself."""
    if drawn is None or not drawn.enough or ranking.average_precision(points) is None:
        return []
    at = np.minimum(np.searchsorted(points.recall, RECALLS - 1e-12), len(points.recall) - 1)
    lower, upper = np.quantile(points.precision[at] + deviations(drawn, precision_at), [0.025, 0.975], axis=0)
    return [
        {"recall": float(r), "lower": float(max(low, 0.0)), "upper": float(min(high, 1.0))}
        for r, low, high in zip(RECALLS, lower, upper, strict=True)
        if np.isfinite(low)
    ]


def _policies(found: ModelCells, question: Question, model: str, days: int) -> list[Row]:
    """What each policy did; a threshold is shown where all folds share it."""
    rows, folds = [], np.unique(found.counted.decisions["fold"])
    fitted = [question.thresholds.get((model, int(fold)), {}) for fold in folds]
    for name, rule in RULES.items():
        learned = name in FROM_ELSEWHERE
        if learned and not all(of.get(FROM_ELSEWHERE[name]) is not None for of in fitted):
            continue
        thresholds = {FIXED} if name == "fixed" else {of.get(name) for of in fitted} if learned else set()
        done, actions = _under(found, name, question.capacity)
        rows.append(
            {
                "name": name,
                "title": rule.title,
                "threshold": next(iter(thresholds)) if len(thresholds) == 1 else None,
                "from": question.thresholds_from if learned else "",
                "actions": actions,
                **(_by_day(found, question) if name == "saving_threshold" else {}),
                **consequences(done, days),
            }
        )
    return rows


def _by_day(found: ModelCells, question: Question) -> Row:
    """On how many days more than the capacity were taken, and the most on one."""
    return {"days_above": sum(n > question.capacity for n in found.taken), "most_a_day": max(found.taken, default=0)}


def _under(found: ModelCells, policy: str, k: int) -> tuple[Any, dict[str, int]]:
    """Sums and rows by action under a policy."""
    decisions = found.counted.decisions
    if policy != "capacity":
        chosen = decisions.chosen(policy)
        return tally(decisions, chosen), by_action(decisions, chosen)
    within = found.capacity.take(found.capacity["size"] <= k)
    actions, taken = by_action(decisions, decisions["others"]), by_action(within, within["others"])
    actions = {name: rows - taken[name] for name, rows in actions.items()}
    act = limited(decisions.costs.actions)
    return with_capacity(decisions, found.capacity, k), actions | {act: actions[act] + int(within.total("n"))}


def _calibration(scores: Cells, kind: str) -> dict[str, Any]:
    """Of the learner's own scores, and of the calibrated ones where they were calibrated."""
    after = calibration_of(scored(scores, "probability"))
    if kind == "none":
        return {"kind": kind, "before": after, "after": None}
    return {"kind": kind, "before": calibration_of(scored(scores, "score")), "after": after}


def scored(cells: Cells, name: str) -> Scored:
    """Rows by "score" or by "probability"."""
    p = cells[name]
    expected = cells["expected_amount"] if name == "probability" else p * cells["amount"]
    return Scored.of(p, cells["n"], cells["positives"], expected, cells["fraud_amount"])


def _daily(found: ModelCells, question: Question) -> list[Row]:
    decisions, looks = found.counted.decisions, {of.day: of for of in card_looks(found.cards, question)}
    rows = []
    for day in np.unique(decisions["day"]):
        done = tally(today := decisions.where("day", day), today.chosen("operating"))
        rows.append(
            {"day": date_of(int(day)), "card_precision": looks[day].share if day in looks else None,
             "cards_looked": looks[day].known if day in looks else None,
             "cards_unknown": looks[day].unknown if day in looks else None, "rows": int(done.n),
             "positives": int(done.positives), "declined": int(done.declined), "cost": float(done.cost),
             "cost_none": float(done.none)}
        )  # fmt: skip
    return rows


def date_of(day: int) -> str:
    """A day since the epoch as ISO 8601."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"


def _worst(rows: Sequence[Row]) -> str | None:
    """The week with the highest cost for each row."""
    return max(rows, key=lambda row: row["cost"] / row["rows"])["week"] if rows else None
