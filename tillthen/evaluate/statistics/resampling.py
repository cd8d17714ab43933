"""Two-way resampling: how far a figure would move with other days and other cards.

Payments depend on each other within a day (campaigns, outages) and within a card (a stolen card is used again), so
neither can be resampled alone, and products of day and card weights count each payment's own chance three times over.
By Cameron, Gelbach and Miller ("Robust inference with multiway clustering", 2011) the variance is

    V = V(days) + V(cards) - V(pairs of a day and a card),

of which each is a bootstrap of one kind of cluster. Days are drawn in blocks of consecutive ones, since a campaign
or a leak goes on (the circular block bootstrap; Politis and Romano 1992). An interval takes the shape of the draws of
days and cards and the width that V gives, at least that of days alone and of cards alone, widened by Student's t with
as many degrees of freedom as there are blocks, less one.

Everything is computed from sums of a few hundred clusters: days, groups of cards, and groups of pairs. Cards fall into
groups by a hash; groups of independent clusters vary as their clusters do, so nothing is lost but degrees of freedom.
The size of the data does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import norm, t

from tillthen.define.backtests.minimums import FEWEST_DAYS
from tillthen.runtime.arrays import Floats

RESAMPLES = 1000
GROUPS = 1000
"""Groups of cards, and of pairs of a day and a card."""
KINDS = ("day", "card", "pair")

Totals = Mapping[str, Floats]
Statistic = Callable[[Totals], Floats]
"""From sums, of which the first axis counts draws, to one figure (or one line of figures) for each draw."""


@dataclass(frozen=True)
class Interval:
    """A 95% interval, and the shares of the draws in which the figure is above and below 0."""

    lower: float
    upper: float
    above_zero: float
    below_zero: float


@dataclass(frozen=True)
class Resampled:
    """Sums of the whole, and under each draw's weights, for each kind of cluster.

    ``whole`` has arrays (1, ...) by column, ``draws`` arrays (resamples, ...) by kind and column; ``days`` is how many
    days there were.
    """

    whole: Totals
    draws: Mapping[str, Totals]
    days: int

    @property
    def enough(self) -> bool:
        """Whether there are days enough for an interval to mean anything."""
        return self.days >= FEWEST_DAYS


def resample(sums: Mapping[str, Totals], *, resamples: int = RESAMPLES, seed: int = 0) -> Resampled:
    """Draw clusters with replacement: ``sums`` has arrays (clusters, ...) for each of `KINDS` and each column.

    Days are in their order. The same seed and the same numbers of clusters give the same draws, so that two models
    measured on the same rows differ by what they are and not by luck.
    """
    draws = {kind: _weighted(weights(kind, _length(sums[kind]), resamples, seed), sums[kind]) for kind in KINDS}
    whole = {name: column.sum(axis=0)[None] for name, column in sums["day"].items()}
    return Resampled(whole, draws, _length(sums["day"]))


def with_days_alone(resampled: Resampled, names: Sequence[str]) -> Resampled:
    """The draws with sums that only days have: other clusters hold them whole, so that only days vary."""
    draws = {
        kind: totals if kind == "day" else
        {**totals, **{name: np.repeat(resampled.whole[name], RESAMPLES, axis=0) for name in names}}
        for kind, totals in resampled.draws.items()
    }  # fmt: skip
    return Resampled(resampled.whole, draws, resampled.days)


def _length(columns: Totals) -> int:
    return len(next(iter(columns.values())))


def _weighted(drawn: Floats, columns: Totals) -> dict[str, Floats]:
    """Each column's sums under each draw's weights, by one product of matrices."""
    flat = np.concatenate([column.reshape(len(column), -1) for column in columns.values()], axis=1)
    totals, done, at = drawn @ flat, {}, 0
    for name, column in columns.items():
        width = int(np.prod(column.shape[1:]))
        done[name] = totals[:, at : at + width].reshape(len(drawn), *column.shape[1:])
        at += width
    return done


@lru_cache(maxsize=6)
def weights(kind: str, clusters: int, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """How often each draw holds each cluster, (resamples, clusters); days come in blocks."""
    random = np.random.default_rng((seed, KINDS.index(kind)))
    length = block(clusters) if kind == "day" else 1
    starts = random.integers(0, clusters, (resamples, -(-clusters // length)))
    drawn = ((starts[:, :, None] + np.arange(length)) % clusters).reshape(resamples, -1)[:, :clusters]
    places = drawn + clusters * np.arange(resamples)[:, None]
    counted = np.bincount(places.ravel(), minlength=resamples * clusters)
    return counted.reshape(resamples, clusters).astype(np.float64)


def block(days: int) -> int:
    """Days in a block: the cube root of how many there are."""
    return max(1, round(days ** (1 / 3)))


def deviations(resampled: Resampled, statistic: Statistic) -> Floats:
    """How far the figure is from its value in each draw, with the variance that two-way clusters give.

    NaN where the figure is undefined in a twentieth of the draws of a kind.
    """
    found = {kind: _centred(statistic, totals) for kind, totals in resampled.draws.items()}
    variance = {kind: np.mean(draws**2, axis=0) for kind, draws in found.items()}
    length = block(resampled.days)
    days = variance["day"] * resampled.days / max(resampled.days - length, 1)
    cards = variance["card"]
    wanted = np.maximum(days + cards - variance["pair"], np.maximum(days, cards))
    both = found["day"] + found["card"]
    few = t.ppf(0.975, max(resampled.days / length - 1, 1)) / norm.ppf(0.975)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(wanted / np.mean(both**2, axis=0)) * few
    return both * np.where(wanted > 0, scale, 1.0)


def _centred(statistic: Statistic, totals: Totals) -> Floats:
    """A figure's draws less their mean; where a few are undefined these count as the mean, where many are, all are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = statistic(totals)
    defined = np.isfinite(values)
    mean = np.where(defined, values, 0.0).sum(axis=0) / np.maximum(defined.sum(axis=0), 1)
    return np.where(defined.mean(axis=0) >= 0.95, np.where(defined, values - mean, 0.0), np.nan)


def interval(resampled: Resampled, statistic: Statistic, value: float | None = None) -> Interval | None:
    """The interval of a figure; None with too few days, or where the figure is mostly undefined.

    ``value`` is the figure itself, where it is known more exactly than from the sums.
    """
    if not resampled.enough:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = float(statistic(resampled.whole)[0]) if value is None else value
    draws = centre + deviations(resampled, statistic)
    if not np.isfinite(draws).all():
        return None
    lower, upper = np.quantile(draws, [0.025, 0.975])
    return Interval(float(lower), float(upper), float((draws > 0).mean()), float((draws < 0).mean()))
