"""What decisions did: the columns of the threshold, policy, capacity and daily tables, from sums.

A row is *flagged* where it is not simply approved: challenged, reviewed or declined. It is *insulted* where it is
genuine and declined. A challenged or reviewed payment is not declined: approval rates count it as approved.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

import numpy as np

from tillthen.decide.actions import limited
from tillthen.decide.costs import savings
from tillthen.evaluate.sums.cells import Cells
from tillthen.runtime.arrays import Ints

Row = dict[str, Any]


@dataclass(frozen=True)
class Tally:
    """Sums over rows that were decided: counts, amounts and exact costs in minor units; they can be added."""

    n: float = 0.0
    positives: float = 0.0
    amount: float = 0.0
    fraud_amount: float = 0.0
    flagged: float = 0.0
    caught: float = 0.0
    flagged_amount: float = 0.0
    caught_amount: float = 0.0
    declined: float = 0.0
    insulted: float = 0.0
    declined_amount: float = 0.0
    cost: Fraction = Fraction(0)
    none: Fraction = Fraction(0)
    every: Fraction = Fraction(0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


def tally(cells: Cells, chosen: Ints) -> Tally:
    """The sums of cells whose decisions, as positions in the costs' actions, are ``chosen``."""
    actions = cells.costs.actions
    flagged, declined = cells.take(chosen > 0), cells.take(chosen == len(actions) - 1)
    return Tally(
        n=cells.total("n"),
        positives=cells.total("positives"),
        amount=cells.total("amount"),
        fraud_amount=cells.total("fraud_amount"),
        flagged=flagged.total("n"),
        caught=flagged.total("positives"),
        flagged_amount=flagged.total("amount"),
        caught_amount=flagged.total("fraud_amount"),
        declined=declined.total("n"),
        insulted=declined.total("n") - declined.total("positives"),
        declined_amount=declined.total("amount"),
        cost=cells.paid_for(chosen),
        none=cells.paid("approve"),
        every=cells.paid("decline"),
    )


def with_capacity(cells: Cells, ranked: Cells, k: int) -> Tally:
    """The sums where, each day, the ``k`` rows that save most get the limited action and the others the cheapest other.

    ``ranked`` are the rows that save, by the smallest size that their rank is in, of which ``k`` must be one.
    """
    within = ranked.take(ranked["size"] <= k)
    act = np.full(len(within), cells.costs.actions.index(limited(cells.costs.actions)))
    return tally(cells, cells["others"]) - tally(within, within["others"]) + tally(within, act)


def by_action(cells: Cells, chosen: Ints) -> dict[str, int]:
    """Rows by what was done with them."""
    return {name: int(cells["n"][chosen == i].sum()) for i, name in enumerate(cells.costs.actions)}


def consequences(sums: Tally, days: int) -> Row:
    """What the decisions did.

    ``precision`` and ``recall`` are of flagged rows. ``value_detection_rate``: fraud value flagged / fraud value.
    ``false_positives_per_true``: genuine rows flagged for each fraud flagged. ``insult_rate``: genuine rows declined /
    genuine rows. ``approval_rate``: rows not declined / rows. ``fraud_bps``: fraud value approved in hundredths of a
    percent of the value approved. A share of nothing is None.
    """
    approved = sums.amount - sums.flagged_amount
    return {
        "declined": int(sums.declined),
        "alerts": int(sums.flagged),
        "alert_rate": share(sums.flagged, sums.n),
        "alerts_per_day": share(sums.flagged, days),
        "precision": share(sums.caught, sums.flagged),
        "recall": share(sums.caught, sums.positives),
        "value_detection_rate": share(sums.caught_amount, sums.fraud_amount),
        "false_positives_per_true": share(sums.flagged - sums.caught, sums.caught),
        "insult_rate": share(sums.insulted, sums.n - sums.positives),
        "approval_rate": share(sums.n - sums.declined, sums.n),
        "approval_rate_value": share(sums.amount - sums.declined_amount, sums.amount),
        "fraud_bps": share(1e4 * (sums.fraud_amount - sums.caught_amount), approved),
        "cost": float(sums.cost),
        "savings": savings(sums.cost, sums.none, sums.every),
    }


def share(part: float, whole: float) -> float | None:
    """A part by its whole; None where there is no whole."""
    return part / whole if whole > 0 else None
