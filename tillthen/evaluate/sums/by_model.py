"""What Spark has summed of a backtest's scores, by model; from here on no row is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tillthen.evaluate.sums.cells import Cells
from tillthen.runtime.arrays import Bools, Floats, Ints, sums

STEPS = 64
"""Steps of the grid for each unit of log odds: scores in one step have odds within 1.6% of each other."""
NEAREST = 1e-7
"""Probabilities nearer to 0 or 1 than this share the grid's first and last step."""
AGE_DAYS = 7
"""Days in a step of a model's age."""


@dataclass(frozen=True)
class TopCards:
    """Each day's cards with the highest scores, in order of rank: as many as can matter for card precision.

    ``bad`` is whether the card has a fraud that day, ``known`` whether that is known: it has, or all its rows that day
    have a label.
    """

    fold: Ints
    day: Ints
    card: Ints
    bad: Bools
    known: Bools

    def take(self, rows: Bools) -> TopCards:
        """Some of them."""
        return TopCards(self.fold[rows], self.day[rows], self.card[rows], self.bad[rows], self.known[rows])


@dataclass(frozen=True)
class Slice:
    """Rows that count, put together by a key: in ``actions`` also by the operating decision, in ``scores`` by score.

    Scores have ``n`` and ``positives``; those of segments amounts, too.
    """

    actions: Cells
    scores: Cells


@dataclass(frozen=True)
class ModelCells:
    """One model's sums.

    Parameters
    ----------
    scores
        By fold, week (its Monday's day), age in weeks (negative where unknown), excluded, score, probability, and step
        of the grid.
    decisions
        By fold, day with its week and age, excluded, and every policy's decision.
    bins
        For each step of the grid its bin of the probability.
    clusters
        For "day", "card" and "pair" by ``cluster``, in ``scores`` by ``bin`` of the probability.
    segments
        For each segment by ``value``, in ``scores`` by probability.
    capacity
        By the least size in which a row's rank is, and the cheapest other action, over rows that count and save.
    taken
        How many rows a threshold of expected saving takes, by day.
    sensitivity
        The cost of Bayes minimum risk by input and changed value, over rows that count.
    cards, cards_all
        Of the rows that count, and of all.
    worst
        The dearest "misses" and "insults", as rows of the facts.
    """

    scores: Cells
    decisions: Cells
    bins: Ints
    clusters: Mapping[str, Slice]
    segments: Mapping[str, Slice]
    capacity: Cells
    taken: Sequence[int] = ()
    sensitivity: Mapping[tuple[str, float], float] = field(default_factory=dict)
    cards: TopCards | None = None
    cards_all: TopCards | None = None
    worst: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @cached_property
    def counted(self) -> ModelCells:
        """Without the rows that are left out."""
        return replace(self, scores=self.scores.counted, decisions=self.decisions.counted)

    def of_fold(self, number: int) -> ModelCells:
        """One fold's cells and cards."""

        def of(cards: TopCards | None) -> TopCards | None:
            return None if cards is None else cards.take(cards.fold == number)

        scores, decisions = (cells.where("fold", number) for cells in (self.scores, self.decisions))
        return replace(self, scores=scores, decisions=decisions, cards=of(self.cards), cards_all=of(self.cards_all))


@dataclass(frozen=True)
class Collected:
    """All models' sums; ``method`` is "exact" where distinct scores were kept, else "grid"."""

    method: str
    models: Mapping[str, ModelCells]


def step(probability: Floats) -> Ints:
    """Each probability's step of the grid, from 0 up."""
    p = np.clip(probability, NEAREST, 1 - NEAREST)
    return np.floor(np.log(p / (1 - p)) * STEPS).astype(np.int64) - lowest()


def lowest() -> int:
    """The log odds of the grid's first step, in steps."""
    return int(np.floor(np.log(NEAREST / (1 - NEAREST)) * STEPS))


def at_steps(scores: Cells) -> Cells:
    """Cells on the grid with their step's mean in place of their own: within a step nothing tells rows apart."""
    means = {}
    for name, key in (("probability", "step"), ("score", "score_step")):
        steps, at = np.unique(scores[key], return_inverse=True)
        n, total = (sums(at, column, len(steps)) for column in (scores["n"], scores["n"] * scores[name]))
        means[name] = (total / n)[at]
    return scores.with_columns(**means)


def bins(cells: Cells, most: int = 64) -> Ints:
    """For each step of the grid a bin from the highest probability, 0, down; each with about as many frauds."""
    steps = 2 * -lowest() + 1
    frauds = np.bincount(cells["step"].astype(np.int64), cells["positives"], minlength=steps)[::-1]
    before = np.cumsum(frauds) - frauds
    share = np.floor(before / max(frauds.sum(), 1) * most)
    return np.unique(np.minimum(share, most - 1), return_inverse=True)[1].astype(np.int64)[::-1]
