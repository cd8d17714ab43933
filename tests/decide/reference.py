"""Every policy in numpy, for itself: what the rules' expressions and the sums over decisions are held against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tillthen.decide.costs import CostTable
from tillthen.runtime.arrays import Bools, Floats, Ints


def above(values: Floats, threshold: float | None) -> Bools:
    """Whether each row reaches a threshold; without one, none does."""
    return np.zeros(len(values), dtype=bool) if threshold is None else values >= threshold


def declined(costs: CostTable, rows: Bools) -> Ints:
    """Decline these rows and approve the others."""
    return np.where(rows, costs.actions.index("decline"), 0)


def cheapest(probability: Floats, costs: CostTable) -> Ints:
    """The action with the least expected cost, the mildest of equal ones."""
    return np.argmin(costs.expected(probability), axis=0)


def limited(costs: CostTable) -> int:
    """The action of which a day has only so many."""
    return costs.actions.index("review" if "review" in costs.actions else "decline")


def others(probability: Floats, costs: CostTable) -> Ints:
    """The cheapest action in expectation but for the limited one."""
    return np.argmin(_without_limited(probability, costs), axis=0)


def saving(probability: Floats, costs: CostTable) -> Floats:
    """What the limited action is expected to save against the cheapest of the others."""
    return _without_limited(probability, costs).min(axis=0) - costs.expected(probability)[limited(costs)]


def _without_limited(probability: Floats, costs: CostTable) -> Floats:
    found = costs.expected(probability)
    found[limited(costs)] = np.inf
    return found


def capacity(probability: Floats, costs: CostTable, days: Ints, k: int | Callable[[int], int]) -> Ints:
    """Take, each day, the limited action on the ``k`` rows that save most and something; of equal ones the earlier."""
    saved, chosen = saving(probability, costs), others(probability, costs)
    for day in np.unique(days):
        today = np.flatnonzero((days == day) & (saved > 0))
        first = today[np.argsort(-saved[today], kind="stable")]
        chosen[first[: k(int(day)) if callable(k) else k]] = limited(costs)
    return chosen


def by_saving(probability: Floats, costs: CostTable, threshold: float | None) -> Ints:
    """Take the limited action where its expected saving is positive and at a threshold or above, else another."""
    saved = saving(probability, costs)
    return np.where(above(saved, threshold) & (saved > 0), limited(costs), others(probability, costs))


def oracle(labels: Floats | Ints, costs: CostTable) -> Ints:
    """The cheapest action on each row given what it was: the ceiling that no policy can pass."""
    return np.argmin(np.where(labels == 1, costs.fraud, costs.genuine), axis=0)
