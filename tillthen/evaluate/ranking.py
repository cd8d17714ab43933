"""Ranking: precision and recall, the areas under their curves, and how many cards a team would find.

Scores are higher for more suspicious rows, labels 1 for positives. Rows of one score share one threshold: they are
flagged together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillthen.runtime.arrays import Floats, Ints


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
    """The cumulative counts at every distinct score."""
    values = np.ones(len(scores)) if amounts is None else amounts
    order = np.argsort(-scores, kind="stable")
    sorted_ = scores[order]
    ends = np.flatnonzero(np.r_[sorted_[1:] != sorted_[:-1], True]) if len(sorted_) else np.zeros(0, dtype=np.int64)
    return Curve(
        sorted_[ends],
        ends + 1,
        np.cumsum(labels[order], dtype=np.int64)[ends],
        np.cumsum(values[order])[ends],
        np.cumsum(values[order] * labels[order])[ends],
    )


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


def card_precision_by_day(
    days: Ints, cards: Ints, scores: Floats, labels: Ints, k: int
) -> list[tuple[int, float, int]]:
    """Of each day's ``k`` highest-scored distinct cards the share that is compromised: (day, share, cards found).

    A card's score is its highest of the day, and it is compromised where any of its rows that day is positive. Cards
    found on a day are not looked at on later ones. Of cards with equal scores the one with the smaller code comes
    first. Source: Fraud Detection Handbook, "Precision top-k metrics".
    """
    found: set[int] = set()
    shares = []
    for day in np.unique(days):
        today = days == day
        card, at = np.unique(cards[today], return_inverse=True)
        score = np.full(len(card), -np.inf)
        np.maximum.at(score, at, scores[today])
        bad = np.zeros(len(card), dtype=np.int64)
        np.maximum.at(bad, at, labels[today])
        new = ~np.isin(card, list(found))
        top = np.lexsort((card[new], -score[new]))[:k]
        caught = card[new][top][bad[new][top] == 1]
        found.update(int(c) for c in caught)
        shares.append((int(day), len(caught) / k, len(caught)))
    return shares
