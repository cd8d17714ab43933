"""What policies need in arrays: the Bayes minimum risk of many rows, and thresholds that are fitted on earlier data.

A policy takes what is known at the decision: the probability of fraud, the costs, the day. It never sees a label;
thresholds that are learned from labels are fitted on earlier data. Decisions are positions in the costs' ``actions``.
The policies themselves are in `tillthen.decide.rules`.
"""

from __future__ import annotations

import numpy as np

from tillthen.decide.actions import limited
from tillthen.decide.costs import CostTable
from tillthen.runtime.arrays import Floats, Ints


def bayes_minimum_risk(probability: Floats, costs: CostTable) -> Ints:
    """The action with the least expected cost, the mildest of equal ones; the threshold is each row's own.

    It needs calibrated probabilities. Source: Elkan, "The foundations of cost-sensitive learning", 2001.
    """
    return np.argmin(costs.expected(probability), axis=0)


def saving_threshold(probability: Floats, costs: CostTable, most: float) -> float:
    """The least expected saving from which on at most ``most`` of these rows are taken; 0 where fewer save anything."""
    saving = np.sort(_saving(probability, costs))[::-1]
    taken = int(most)
    if taken >= len(saving) or saving[taken] <= 0:
        return 0.0
    higher = saving[saving > saving[taken]]
    return float(higher[-1]) if len(higher) else float(np.nextafter(saving[0], np.inf))


def _saving(probability: Floats, costs: CostTable) -> Floats:
    """What the limited action is expected to save on each row against the cheapest of the others."""
    act = costs.actions.index(limited(costs.actions))
    expected = costs.expected(probability)
    own = expected[act].copy()
    expected[act] = np.inf
    return np.asarray(expected.min(axis=0) - own)


def best_f1_threshold(probability: Floats, labels: Ints) -> float | None:
    """The score from which on flagging has the greatest F1 on this data; None without positives."""
    threshold, flagged, caught = _steps(probability, labels.astype(np.float64))
    if not labels.any():
        return None
    f1 = 2 * caught / (flagged + labels.sum())
    return float(threshold[int(np.argmax(f1))])


def empirical_threshold(probability: Floats, labels: Ints, costs: CostTable) -> float | None:
    """The score from which on declining costs least on this data; None where declining nothing is cheapest."""
    every, none = (np.full(len(labels), costs.actions.index(action)) for action in ("decline", "approve"))
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
