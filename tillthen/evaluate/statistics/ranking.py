"""Ranking: precision and recall, the areas under their curves, and how many cards a team would find.

Scores are higher for more suspicious rows, labels 1 for positives. Rows of one score share one threshold: they are
flagged together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from tillthen.runtime.arrays import Bools, Floats, Ints, sums


@dataclass(frozen=True)
class Curve:
    """Flagged rows at every distinct score, from the highest score down.

    ``flagged``, ``positives``, ``value`` and ``caught`` are cumulative: rows, positives, amount, amount of positives
    with a score of at least ``threshold``.
    """

    threshold: Floats
    flagged: Ints
    positives: Ints
    value: Floats
    caught: Floats

    @property
    def precision(self) -> Floats:
        """Positives by flagged rows."""
        return self.positives / self.flagged

    @property
    def recall(self) -> Floats:
        """Positives by all positives; NaN without any."""
        with np.errstate(invalid="ignore"):
            return self.positives / self.positives[-1:].repeat(len(self.positives))

    @property
    def false_positive_rate(self) -> Floats:
        """Flagged negatives by all negatives; NaN without any."""
        negatives = self.flagged - self.positives
        with np.errstate(invalid="ignore"):
            return negatives / negatives[-1:].repeat(len(negatives))


def curve(scores: Floats, labels: Ints, amounts: Floats | None = None) -> Curve:
    """The cumulative counts of rows at every distinct score."""
    values = np.ones(len(scores)) if amounts is None else amounts
    return curve_of(scores, np.ones(len(scores)), labels, values, values * labels)


def curve_of(scores: Floats, n: Floats, positives: Floats | Ints, value: Floats, caught: Floats) -> Curve:
    """The cumulative counts at every distinct score, of rows that were already counted together."""
    distinct, at = np.unique(-scores, return_inverse=True)
    columns = (n, positives, value, caught)
    flagged, found, all_value, fraud_value = (np.cumsum(sums(at, column, len(distinct))) for column in columns)
    return Curve(-distinct, flagged.astype(np.int64), found.astype(np.int64), all_value, fraud_value)


def average_precision(points: Curve) -> float | None:
    """Mean of precision over recall, sum of (R_k - R_k-1) P_k, without interpolation; None without positives."""
    if not len(points.flagged) or points.positives[-1] == 0:
        return None
    return float(np.sum(np.diff(points.recall, prepend=0.0) * points.precision))


def roc_auc(points: Curve) -> float | None:
    """Probability that a positive scores above a negative, ties counting half; None unless there are both."""
    if not len(points.flagged) or not 0 < points.positives[-1] < points.flagged[-1]:
        return None
    return float(np.trapezoid(np.r_[0.0, points.recall], np.r_[0.0, points.false_positive_rate]))


def recall_at(points: Curve, false_positive_rate: float) -> float | None:
    """Greatest recall with at most this share of negatives flagged; None unless there are both classes."""
    if roc_auc(points) is None:
        return None
    reached = points.recall[points.false_positive_rate <= false_positive_rate]
    return float(reached[-1]) if len(reached) else 0.0


def thinned(points: Curve, most: int = 200) -> list[dict[str, float]]:
    """At most ``most`` points of the precision-recall curve, dense where recall changes; both ends are kept."""
    if average_precision(points) is None:
        return []
    wanted = np.searchsorted(points.recall, np.linspace(0, 1, most - 1))
    index = np.unique(np.r_[0, np.minimum(wanted, len(points.recall) - 1), len(points.recall) - 1])
    return [
        {"recall": float(r), "precision": float(p), "threshold": float(t)}
        for r, p, t in zip(points.recall[index], points.precision[index], points.threshold[index], strict=True)
    ]


def value_curve(points: Curve, most: int = 200) -> list[dict[str, float]]:
    """The precision-recall curve weighted by amount: share of the flagged value that is fraud, by value caught."""
    if average_precision(points) is None or points.caught[-1] <= 0:
        return []
    recall = points.caught / points.caught[-1]
    wanted = np.searchsorted(recall, np.linspace(0, 1, most - 1))
    index = np.unique(np.r_[0, np.minimum(wanted, len(recall) - 1), len(recall) - 1])
    index = index[points.value[index] > 0]
    return [
        {"recall": float(recall[i]), "precision": float(points.caught[i] / points.value[i]),
         "threshold": float(points.threshold[i])}
        for i in index
    ]  # fmt: skip


def bounds(points: Curve) -> tuple[float, float] | None:
    """The least and the greatest average precision that rows of one score could have with scores of their own.

    Where scores were put into a grid, the average precision of the scores themselves is between them: the least with
    each step's negatives before its positives, the greatest with its positives, tied, before its negatives.
    """
    if average_precision(points) is None:
        return None
    caught = np.diff(points.positives, prepend=0).astype(np.float64)
    flagged, positives = points.flagged - caught, points.positives - caught
    missed = np.diff(points.flagged - points.positives, prepend=0)
    # sum over i = 1..c of (k + i) / (m + i) = c - (m - k) x (H(m + c) - H(m)), H the harmonic numbers
    worst = caught - (flagged - positives) * (digamma(flagged + caught + 1) - digamma(flagged + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where(caught > 0, caught * (positives + caught) / (flagged - missed + caught), 0.0)
    return float(worst.sum() / points.positives[-1]), float(best.sum() / points.positives[-1])


def ties(points: Curve) -> float:
    """Half the share of pairs of a positive and a negative with one score: how far the ROC's area can be off."""
    caught, missed = (np.diff(column, prepend=0) for column in (points.positives, points.flagged - points.positives))
    pairs = caught.sum() * missed.sum()
    return float((caught * missed).sum() / pairs / 2) if pairs else 0.0


@dataclass(frozen=True)
class Looks:
    """The cards that were looked at on a day: ``found`` compromised, of those with a ``known`` outcome; others."""

    day: int
    found: int
    known: int
    unknown: int

    @property
    def share(self) -> float | None:
        """Found by known; None where no outcome is known."""
        return self.found / self.known if self.known else None


def card_precision(days: Ints, cards: Ints, bad: Bools, known: Bools, k: int) -> list[Looks]:
    """What looking at each day's ``k`` highest-scored distinct cards finds.

    Each day's cards are given in order of their highest score of the day, with whether one of their rows that day is
    positive, and whether their outcome is known. A card that was found, or whose outcome is not known, is not looked at
    again on later days; one that was known to be good may be. Source: Fraud Detection Handbook, "Precision top-k
    metrics", where every outcome is known.
    """
    out: set[int] = set()
    looks = []
    for day in np.unique(days):
        today = np.flatnonzero(days == day)
        top = np.array([i for i in today if int(cards[i]) not in out][:k], dtype=np.int64)
        out.update(cards[top[bad[top] | ~known[top]]].tolist())
        told = int(known[top].sum())
        looks.append(Looks(int(day), int((bad & known)[top].sum()), told, len(top) - told))
    return looks


def mean_share(looks: Sequence[Looks]) -> float | None:
    """The mean over the days on which an outcome is known; None where there is none."""
    shares = [share for of in looks if (share := of.share) is not None]
    return float(np.mean(shares)) if shares else None
