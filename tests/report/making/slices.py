"""The same measures over parts of that world's rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from tests.report.making.decisions import Outcomes, consequences
from tests.report.making.world import TEST_START, World
from tillthen.evaluate.statistics import ranking

Facts = dict[str, Any]


def part_of(rows: Outcomes, declined: np.ndarray, here: np.ndarray) -> Facts:
    """All measures of some rows."""
    part = rows.take(here)
    found = consequences(part, declined[here])
    points = ranking.curve(part.probability, part.labels)
    positives = int(part.labels.sum())
    return {
        **found, "n": len(part), "rows": len(part), "positives": positives, "base_rate": positives / len(part),
        "average_precision": ranking.average_precision(points),
        "sum_ratio": float(part.probability.sum() / positives) if positives else None,
    }  # fmt: skip


def kept(found: Facts, *names: str) -> Facts:
    return {name: found[name] for name in names}


def segments(drawn: World, rows: Outcomes, declined: np.ndarray) -> list[Facts]:
    """By country and by channel."""
    names = ("n", "positives", "base_rate", "average_precision", "precision", "recall", "value_detection_rate",
             "approval_rate", "insult_rate", "fraud_bps", "alert_rate", "cost", "savings", "sum_ratio")  # fmt: skip
    return [
        {"name": name, "rows": [{"value": str(value), **kept(part_of(rows, declined, column == value), *names)}
                                for value in np.unique(column)]}
        for name, column in (("country", drawn.country), ("channel", drawn.channel))
    ]  # fmt: skip


def weeks(rows: Outcomes, declined: np.ndarray) -> Facts:
    """By week of the calendar, and the one that cost most by its rows."""
    monday = np.array([str(day - timedelta(days=day.weekday()))
                       for day in (TEST_START + timedelta(days=int(each)) for each in rows.days)])  # fmt: skip
    names = ("rows", "positives", "declined", "cost", "savings", "average_precision", "value_detection_rate",
             "insult_rate", "approval_rate", "fraud_bps")  # fmt: skip
    found = [{"week": str(week), **kept(part_of(rows, declined, monday == week), *names)} for week in np.unique(monday)]
    return {"weeks": found, "worst_week": max(found, key=lambda row: row["cost"] / row["rows"])["week"]}


def model_age(rows: Outcomes, declined: np.ndarray, bounds: list[tuple[int, int]]) -> list[Facts]:
    """By days since the training cut-off, which is a week before each test."""
    age = np.zeros(len(rows), dtype=int)
    for first, last in bounds:
        here = (rows.days >= first) & (rows.days < last)
        age[here] = rows.days[here] - first + 7
    found = []
    for first in range(7, int(age.max()) + 1, 7):
        here = (age >= first) & (age < first + 7)
        if here.any():
            names = ("rows", "positives", "average_precision", "savings")
            found.append({"from_days": first, "to_days": first + 7, "card_precision": 0.2,
                          **kept(part_of(rows, declined, here), *names)})  # fmt: skip
    return found


def score_drift(probability: np.ndarray, parts: list[np.ndarray]) -> list[Facts]:
    """Each fold's scores against the first's."""
    bounds = np.quantile(probability[parts[0]], np.linspace(0.1, 0.9, 9))
    shares = [np.bincount(np.searchsorted(bounds, probability[part]), minlength=10) / len(part) + 1e-6
              for part in parts]  # fmt: skip
    return [{"fold": number + 1, "psi": float(((share - shares[0]) * np.log(share / shares[0])).sum()),
             "n": len(part), "reference": "the first fold's test"}
            for number, (part, share) in enumerate(zip(parts, shares, strict=True))]  # fmt: skip
