"""A model's sums by day, by group of cards and by group of pairs, as `resampling` wants them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tillthen.evaluate.statistics.ranking import Looks
from tillthen.evaluate.statistics.resampling import Resampled, Totals, resample, with_days_alone
from tillthen.evaluate.sums.by_model import ModelCells, Slice
from tillthen.runtime.arrays import Floats, Ints, sums

RECALLS = np.linspace(0, 1, 101)[1:]
"""Where the band of the precision-recall curve is computed."""


def resampled(model: ModelCells, looks: Sequence[Looks] = ()) -> Resampled:
    """Draws of a model's sums under the operating policy; the same draws for every model of the same rows.

    ``looks`` are what looking at cards found by day: they vary with the days alone.
    """
    width = int(model.bins.max(initial=0)) + 1
    totals = {kind: _totals(of, width) for kind, of in model.clusters.items()}
    totals["day"] = {**totals["day"], **_of_cards(looks, np.unique(model.clusters["day"].actions["cluster"]))}
    return with_days_alone(resample(totals), CARDS)


CARDS = ("card_share", "card_days")
"""The shares of the cards looked at that were compromised, summed over days, and the days that have one."""


def _of_cards(looks: Sequence[Looks], days: Ints) -> dict[str, Floats]:
    shares = {of.day: share for of in looks if (share := of.share) is not None}
    found = np.array([shares.get(int(day), np.nan) for day in days])
    return dict(zip(CARDS, (np.nan_to_num(found), (~np.isnan(found)).astype(np.float64)), strict=True))


def card_precision(totals: Totals) -> Floats:
    """The mean of the days' shares of compromised cards among those looked at."""
    return totals["card_share"] / totals["card_days"]


def brier(totals: Totals) -> Floats:
    """The mean squared distance of probability and outcome."""
    return totals["squared"] / totals["rows"]


def _totals(of: Slice, width: int) -> Totals:
    """Sums by cluster in the order of clusters, and rows found and missed by cluster and bin, ``width`` bins each."""
    cells, scores = of.actions, of.scores
    values, at = np.unique(cells["cluster"], return_inverse=True)
    chosen, actions = cells.chosen("operating"), cells.costs.actions
    flagged, declined = chosen > 0, chosen == len(actions) - 1
    genuine = cells["n"] - cells["positives"]
    spent = sum((cells.cost_of(name) * (chosen == i) for i, name in enumerate(actions)), np.zeros(len(cells)))
    columns = {
        "rows": cells["n"],
        "genuine": genuine,
        "positives": cells["positives"],
        "value": cells["fraud_amount"],
        "cost": spent,
        "none": cells.cost_of("approve"),
        "all": cells.cost_of("decline"),
        "declined": cells["n"] * declined,
        "insults": genuine * declined,
        "flagged": cells["n"] * flagged,
        "caught": cells["positives"] * flagged,
        "caught_value": cells["fraud_amount"] * flagged,
        "expected": cells["expected"],
        "squared": cells["squared"],
    }
    found = {name: sums(at, column, len(values)) for name, column in columns.items()}
    place = np.searchsorted(values, scores["cluster"]) * width + scores["bin"]
    for name, column in (("found", scores["positives"]), ("missed", scores["n"] - scores["positives"])):
        found[name] = sums(place, column, len(values) * width).reshape(len(values), width)
    return found


def average_precision(totals: Totals) -> Floats:
    """Average precision by bins from the highest score down, half of each bin's rows before a positive of it."""
    found, missed = totals["found"], totals["missed"]
    true, false = np.cumsum(found, axis=1) - found / 2, np.cumsum(missed, axis=1) - missed / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(true + false > 0, true / (true + false), 0.0)
        return (found * precision).sum(axis=1) / found.sum(axis=1)


def roc_auc(totals: Totals) -> Floats:
    """The area under the ROC curve by bins, ties counting half."""
    found, missed = totals["found"], totals["missed"]
    before = np.cumsum(missed, axis=1) - missed / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - (found * before).sum(axis=1) / (found.sum(axis=1) * missed.sum(axis=1))


def recall_at(totals: Totals, rate: float) -> Floats:
    """Recall where this share of negatives is flagged, by lines between the bins."""
    true, false = _from_zero(totals["found"]), _from_zero(totals["missed"])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([np.interp(rate * f[-1], f, t) / t[-1] for t, f in zip(true, false, strict=True)])


def precision_at(totals: Totals) -> Floats:
    """Precision at each of `RECALLS`, by lines between the bins: one line for each draw."""
    true, false = _from_zero(totals["found"]), _from_zero(totals["missed"])
    lines = []
    for t, f in zip(true, false, strict=True):
        caught = RECALLS * t[-1]
        missed = np.interp(caught, t, f)
        with np.errstate(divide="ignore", invalid="ignore"):
            lines.append(caught / (caught + missed))
    return np.stack(lines)


def _from_zero(column: Floats) -> Floats:
    return np.concatenate([np.zeros((len(column), 1)), np.cumsum(column, axis=1)], axis=1)
