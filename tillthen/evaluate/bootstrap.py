"""Intervals: how far a figure would move with other days and other cards.

Days and cards are drawn again together: each resample gives every day and every card a Poisson(1) weight, and a row
weighs the product of its day's and its card's (the two-way bootstrap; Owen and Eckles, "Bootstrapping data arrays of
arbitrary order", 2012). Rows are summed to one cell for each day and card first, so a resample costs cells, not rows.
Champion and challenger see the same weights, so their difference has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tillthen.runtime.arrays import Floats, Ints

FEWEST_DAYS = 20
RESAMPLES = 1000


@dataclass(frozen=True)
class Interval:
    """A 95% percentile interval, and the shares of resamples in which the figure is above and below 0."""

    lower: float
    upper: float
    above_zero: float
    below_zero: float


Totals = Mapping[str, Floats]


def resampled_totals(
    days: Ints, cards: Ints, columns: Mapping[str, Floats], *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Floats]:
    """Sums of each column under each resample's weights, one array of ``resamples`` values a column."""
    day = np.unique(days, return_inverse=True)[1]
    card = np.unique(cards, return_inverse=True)[1]
    width = int(card.max(initial=-1)) + 1
    cell, at = np.unique(day * width + card, return_inverse=True)
    sums = np.stack([np.bincount(at, weights=column, minlength=len(cell)) for column in columns.values()])
    cell_day, cell_card = np.divmod(cell, max(width, 1))
    random = np.random.default_rng(seed)
    totals = np.empty((len(columns), resamples))
    for i in range(resamples):
        weights = random.poisson(1.0, int(day.max(initial=-1)) + 1)[cell_day] * random.poisson(1.0, width)[cell_card]
        totals[:, i] = sums @ weights
    return dict(zip(columns, totals, strict=True))


def interval(totals: Totals, statistic: Callable[[Totals], Floats]) -> Interval | None:
    """The interval of a statistic of resampled totals; None where it is undefined in a twentieth of them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = statistic(totals)
    defined = values[np.isfinite(values)]
    if len(defined) < 0.95 * len(values):
        return None
    lower, upper = np.quantile(defined, [0.025, 0.975])
    return Interval(float(lower), float(upper), float((defined > 0).mean()), float((defined < 0).mean()))


def enough_days(days: Ints) -> bool:
    """Whether there are days enough for an interval to mean anything."""
    return len(np.unique(days)) >= FEWEST_DAYS
