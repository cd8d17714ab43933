"""What Spark has summed of a backtest's scores, by model; from here on no row is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tillthen.evaluate.cells import Cells
from tillthen.runtime.arrays import Bools, Floats, Ints

STEPS = 64
"""Steps of the grid for each unit of log odds: scores in one step have odds within 1.6% of each other."""
NEAREST = 1e-7
"""Probabilities nearer to 0 or 1 than this share the grid's first and last step."""


@dataclass(frozen=True)
class TopCards:
    """Each day's cards with the highest scores, in order of rank: as many as can matter for card precision.

    ``bad`` is whether the card has a fraud that day.
    """

    fold: Ints
    day: Ints
    card: Ints
    bad: Bools

    def take(self, rows: Bools) -> TopCards:
        """Some of them."""
        return TopCards(self.fold[rows], self.day[rows], self.card[rows], self.bad[rows])


@dataclass(frozen=True)
class ModelCells:
    """One model's sums.

    Parameters
    ----------
    cells
        By fold, day, excluded, score, probability, step of the grid, and every policy's decision.
    clusters
        For "card" and "pair" by cluster, ``bin`` of the probability, and decision, over the rows that count; a bin
        holds the steps of the grid that ``bins`` says.
    segments
        For each segment by value, probability, and decision, over the rows that count.
    capacity
        By the least size in which a row's rank is, and the cheapest other action, over rows that count and save.
    sensitivity
        The cost of Bayes minimum risk by input and changed value, over rows that count.
    cards, cards_all
        Of the rows that count, and of all.
    worst
        The dearest "misses" and "insults", as rows of the facts.
    """

    cells: Cells
    bins: Ints
    clusters: Mapping[str, Cells]
    segments: Mapping[str, Cells]
    capacity: Cells
    sensitivity: Mapping[tuple[str, float], float]
    cards: TopCards | None
    cards_all: TopCards | None
    worst: Mapping[str, list[dict[str, Any]]]

    @cached_property
    def counted(self) -> Cells:
        """The cells of rows that are not left out."""
        return self.cells.take(~self.cells["excluded"].astype(bool))

    def of_fold(self, number: int) -> ModelCells:
        """One fold's cells and cards."""

        def of(cards: TopCards | None) -> TopCards | None:
            return None if cards is None else cards.take(cards.fold == number)

        return replace(self, cells=self.cells.take(self.cells["fold"] == number), cards=of(self.cards),
                       cards_all=of(self.cards_all))  # fmt: skip


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


def bins(cells: Cells, most: int = 64) -> Ints:
    """For each step of the grid a bin from the highest probability, 0, down; each with about as many frauds."""
    steps = 2 * -lowest() + 1
    frauds = np.bincount(cells["step"].astype(np.int64), cells["positives"], minlength=steps)[::-1]
    before = np.cumsum(frauds) - frauds
    share = np.floor(before / max(frauds.sum(), 1) * most)
    return np.unique(np.minimum(share, most - 1), return_inverse=True)[1].astype(np.int64)[::-1]
