"""Policies: what to do with each payment.

A policy takes what is known at the decision: the probability of fraud, the costs, the day. It never sees a label;
thresholds that are learned from labels are fitted on earlier data. Decisions are positions in the costs' ``actions``.
"""

from __future__ import annotations

import numpy as np

from tillthen.decide.actions import limited
from tillthen.decide.costs import CostTable
from tillthen.runtime.arrays import Bools, Floats, Ints

POLICIES = {
    "none": "Approve everything",
    "all": "Decline everything",
    "fixed": "Decline from a probability of 0.5",
    "best_f1": "Decline from the threshold of the best F1",
    "empirical": "Decline from the cheapest threshold",
    "bayes_minimum_risk": "Bayes minimum risk",
    "capacity": "Queue at the day's end, by expected saving",
    "saving_threshold": "Decline from a threshold of expected saving",
    "oracle": "Oracle (knows the outcome)",
}
"""Every policy by name, with its title.

All can be operated but the oracle, which knows the outcome, and the queue at the day's end, which knows the day's other
payments: it can order reviews that are made when the day is over, and decide nothing while a customer waits. The
threshold of expected saving is its like at the payment: it takes so many a day on average, on some days more.
"""

FIXED = 0.5


def above(probability: Floats, threshold: float | None) -> Bools:
    """Whether each row reaches a threshold; without one, none does."""
    return np.zeros(len(probability), dtype=bool) if threshold is None else probability >= threshold


def declined(costs: CostTable, rows: Bools) -> Ints:
    """Decline these rows and approve the others."""
    return np.where(rows, costs.actions.index("decline"), costs.actions.index("approve"))


def bayes_minimum_risk(probability: Floats, costs: CostTable) -> Ints:
    """The action with the least expected cost, the mildest of equal ones; the threshold is each row's own.

    It needs calibrated probabilities. Source: Elkan, "The foundations of cost-sensitive learning", 2001.
    """
    return np.argmin(costs.expected(probability), axis=0)


def capacity(probability: Floats, costs: CostTable, days: Ints, k: int) -> Ints:
    """Take, each day, the limited action on the ``k`` rows where its expected saving is greatest and positive.

    The limited action is a review where reviews are declared, else declining; the other rows get the cheapest of the
    other actions in expectation. Of equal savings the earlier row comes first.
    """
    saving, chosen, act = _savings(probability, costs)
    order = np.lexsort((-saving, days))
    day = days[order]
    starts = np.r_[0, np.flatnonzero(np.diff(day)) + 1] if len(day) else np.zeros(0, dtype=np.int64)
    rank = np.arange(len(day)) - np.repeat(starts, np.diff(np.r_[starts, len(day)]))
    taken = np.zeros(len(day), dtype=bool)
    taken[order[rank < k]] = True
    chosen[taken & (saving > 0)] = act
    return chosen


def by_saving(probability: Floats, costs: CostTable, threshold: float | None) -> Ints:
    """Take the limited action where its expected saving is positive and at a threshold or above, else another."""
    saving, chosen, act = _savings(probability, costs)
    chosen[above(saving, threshold) & (saving > 0)] = act
    return chosen


def saving_threshold(probability: Floats, costs: CostTable, most: float) -> float:
    """The least expected saving from which on at most ``most`` of these rows are taken; 0 where fewer save anything."""
    saving = np.sort(_savings(probability, costs)[0])[::-1]
    taken = int(most)
    if taken >= len(saving) or saving[taken] <= 0:
        return 0.0
    higher = saving[saving > saving[taken]]
    return float(higher[-1]) if len(higher) else float(np.nextafter(saving[0], np.inf))


def _savings(probability: Floats, costs: CostTable) -> tuple[Floats, Ints, int]:
    """What the limited action is expected to save on each row, the cheapest other action, and the limited one."""
    act = costs.actions.index(limited(costs.actions))
    expected = costs.expected(probability)
    own = expected[act].copy()
    expected[act] = np.inf
    return expected.min(axis=0) - own, np.argmin(expected, axis=0), act


def oracle(labels: Ints, costs: CostTable) -> Ints:
    """The cheapest action on each row given what it was: the ceiling that no policy can pass."""
    return np.argmin(np.where(labels == 1, costs.fraud, costs.genuine), axis=0)


def best_f1_threshold(probability: Floats, labels: Ints) -> float | None:
    """The score from which on flagging has the greatest F1 on this data; None without positives."""
    threshold, flagged, caught = _steps(probability, labels.astype(np.float64))
    if not labels.any():
        return None
    f1 = 2 * caught / (flagged + labels.sum())
    return float(threshold[int(np.argmax(f1))])


def empirical_threshold(probability: Floats, labels: Ints, costs: CostTable) -> float | None:
    """The score from which on declining costs least on this data; None where declining nothing is cheapest."""
    every, none = (declined(costs, np.full(len(labels), all_)) for all_ in (True, False))
    change = costs.of_decisions(every, labels) - costs.of_decisions(none, labels)
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
