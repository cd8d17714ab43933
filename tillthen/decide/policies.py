"""Policies: which payments to decline.

A policy takes what is known at the decision: the probability of fraud, the costs, the day. It never sees a label;
thresholds that are learned from labels are fitted on earlier data.
"""

from __future__ import annotations

import numpy as np

from tillthen.decide.costs import CostTable
from tillthen.runtime.arrays import Bools, Floats, Ints


def above(probability: Floats, threshold: float) -> Bools:
    """Decline from a threshold on."""
    return probability >= threshold


def bayes_minimum_risk(probability: Floats, costs: CostTable) -> Bools:
    """Decline where that is the cheaper action in expectation; the threshold is each row's own.

    It needs calibrated probabilities. Source: Elkan, "The foundations of cost-sensitive learning", 2001.
    """
    return costs.expected_saving(probability) > 0


def capacity(probability: Floats, costs: CostTable, days: Ints, k: int) -> Bools:
    """Decline, each day, the ``k`` rows with the greatest expected saving, as far as it is positive.

    Of equal savings the earlier row comes first.
    """
    saving = costs.expected_saving(probability)
    order = np.lexsort((-saving, days))
    day = days[order]
    starts = np.r_[0, np.flatnonzero(np.diff(day)) + 1] if len(day) else np.zeros(0, dtype=np.int64)
    rank = np.arange(len(day)) - np.repeat(starts, np.diff(np.r_[starts, len(day)]))
    declined = np.zeros(len(probability), dtype=bool)
    declined[order[rank < k]] = True
    return declined & (saving > 0)


def oracle(labels: Ints, costs: CostTable) -> Bools:
    """Decline the frauds that cost more approved than declined: the ceiling that no policy can pass."""
    return (labels == 1) & (costs.approve_fraud > costs.decline_fraud)


def best_f1_threshold(probability: Floats, labels: Ints) -> float | None:
    """The score from which on flagging has the greatest F1 on this data; None without positives."""
    threshold, flagged, caught = _steps(probability, labels.astype(np.float64))
    if not labels.any():
        return None
    f1 = 2 * caught / (flagged + labels.sum())
    return float(threshold[int(np.argmax(f1))])


def empirical_threshold(probability: Floats, labels: Ints, costs: CostTable) -> float | None:
    """The score from which on declining costs least on this data; None where declining nothing is cheapest."""
    nothing = np.zeros(len(labels), dtype=bool)
    change = costs.of(~nothing, labels) - costs.of(nothing, labels)
    threshold, _, cost = _steps(probability, change)
    if not len(cost) or cost.min() >= 0:
        return None
    return float(threshold[int(np.argmin(cost))])


def _steps(scores: Floats, weights: Floats) -> tuple[Floats, Ints, Floats]:
    """Distinct scores from the highest down, rows from each on, and the sum of their weights."""
    order = np.argsort(-scores, kind="stable")
    sorted_ = scores[order]
    ends = np.flatnonzero(np.r_[sorted_[1:] != sorted_[:-1], True]) if len(sorted_) else np.zeros(0, dtype=np.int64)
    return sorted_[ends], ends + 1, np.cumsum(weights[order])[ends]
