"""The dearest mistakes of a model in that world."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.report.making.decisions import Outcomes
from tests.report.making.world import at

Facts = dict[str, Any]


def mistakes(rows: Outcomes, declined: np.ndarray, most: int = 20) -> Facts:
    """Frauds approved and genuine payments declined, largest cost first."""
    cost = rows.costs.of_decisions(declined, rows.labels)
    missed, insulted = (rows.labels == 1) & ~declined, (rows.labels == 0) & declined
    return {name: [one(rows, cost, int(row)) for row in np.argsort(-cost * here, kind="stable")[:most] if here[row]]
            for name, here in (("misses", missed), ("insults", insulted))}  # fmt: skip


def one(rows: Outcomes, cost: np.ndarray, row: int) -> Facts:
    """One payment with three reasons."""
    probability = float(rows.probability[row])
    sign = 1 if probability > 0.1 else -1
    return {
        "row_id": f"…{row:04d}", "as_of": at(int(rows.days[row])).replace("T00", f"T{row % 24:02d}"),
        "amount": float(rows.amounts[row]), "probability": probability,
        "action": "approve" if rows.labels[row] else ("challenge", "decline")[row % 2], "cost": float(cost[row]),
        "reasons": [
            {"feature": "card_spend__count_7d", "value": row % 17, "contribution": sign * (1.2 + row % 7 / 5)},
            {"feature": "card_spend__mean_amount_30d", "value": None, "contribution": sign * 0.61},
            {"feature": "amount", "value": float(rows.amounts[row]), "contribution": -0.12},
        ],
    }  # fmt: skip
