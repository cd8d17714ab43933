"""What decisions did: the columns of the threshold, policy and capacity tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.decide.reference import above, capacity
from tillthen.decide.costs import CostTable
from tillthen.evaluate.statistics.ranking import Looks, card_precision
from tillthen.runtime.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Outcomes:
    """Scored rows whose outcome is known; ``days`` are whole days since the epoch, amounts minor units."""

    probability: Floats
    labels: Ints
    amounts: Floats
    days: Ints
    cards: Ints
    costs: CostTable

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Bools) -> Outcomes:
        """Some of the rows."""
        return Outcomes(
            self.probability[rows], self.labels[rows], self.amounts[rows], self.days[rows], self.cards[rows],
            self.costs.take(rows),
        )  # fmt: skip


Row = dict[str, float | int | None]


def consequences(outcomes: Outcomes, declined: Bools) -> Row:
    """What declining these rows did.

    ``value_detection_rate``: fraud value declined / fraud value. ``false_positives_per_true``: genuine rows declined
    for each fraud declined. ``insult_rate``: genuine rows declined / genuine rows. ``fraud_bps``: fraud value approved
    in hundredths of a percent of the value approved. A share of nothing is None.
    """
    labels, amounts = outcomes.labels, outcomes.amounts
    fraud, n = labels == 1, len(outcomes)
    alerts, caught = int(declined.sum()), int((declined & fraud).sum())
    approved_value = float(amounts[~declined].sum())
    cost = float(outcomes.costs.of_decisions(declined, labels).sum())
    return {
        "declined": alerts,
        "alerts": alerts,
        "alert_rate": _share(alerts, n),
        "alerts_per_day": _share(alerts, len(np.unique(outcomes.days))),
        "precision": _share(caught, alerts),
        "recall": _share(caught, int(fraud.sum())),
        "value_detection_rate": _share(float(amounts[declined & fraud].sum()), float(amounts[fraud].sum())),
        "false_positives_per_true": _share(alerts - caught, caught),
        "insult_rate": _share(alerts - caught, n - int(fraud.sum())),
        "approval_rate": _share(n - alerts, n),
        "approval_rate_value": _share(approved_value, float(amounts.sum())),
        "fraud_bps": _share(1e4 * float(amounts[~declined & fraud].sum()), approved_value),
        "cost": cost,
        "savings": outcomes.costs.savings(cost, labels),
    }


def threshold_table(outcomes: Outcomes, most: int = 100) -> list[Row]:
    """Consequences of declining from a score on, at quantiles of the score that are dense where scores are high."""
    if not len(outcomes):
        return []
    tail = np.r_[np.geomspace(1 / len(outcomes), 1, most - 1), 1.0]
    thresholds = np.unique(np.quantile(outcomes.probability, 1 - tail, method="higher"))
    return [
        {"threshold": float(t), **consequences(outcomes, above(outcomes.probability, float(t)))} for t in thresholds
    ]


def capacity_table(outcomes: Outcomes, k: int) -> list[Row]:
    """Consequences of declining the k rows a day with the greatest expected saving, for k around the declared one."""
    sizes = sorted({max(1, round(k * factor)) for factor in (0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8)})
    return [
        {"k": size, **consequences(outcomes, capacity(outcomes.probability, outcomes.costs, outcomes.days, size) == 1)}
        for size in sizes
    ]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def card_precision_by_day(days: Ints, cards: Ints, scores: Floats, labels: Ints, k: int) -> list[Looks]:
    """`card_precision` of single rows. Of cards with equal scores the one with the smaller code comes first."""
    cell, at = np.unique(np.stack([days, cards], axis=1), axis=0, return_inverse=True)
    best, bad = np.full(len(cell), -np.inf), np.zeros(len(cell), dtype=bool)
    np.maximum.at(best, at.ravel(), scores)
    np.logical_or.at(bad, at.ravel(), labels == 1)
    order = np.lexsort((cell[:, 1], -best, cell[:, 0]))
    return card_precision(cell[order, 0], cell[order, 1], bad[order], np.ones(len(cell), dtype=bool), k)
