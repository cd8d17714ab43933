"""One threshold for all: what declining from a score on does, for the table and for the explorer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.inputs import TITLES
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.consequences import Row, Tally, consequences
from tillthen.runtime.arrays import Floats, Ints

COMPONENTS = {
    "fraud": "Fraud approved",
    "chargeback": "Chargeback fees",
    "handling": "Handling of frauds",
    "margin": "Margin lost",
    "churn": "Customers lost",
    "contact": "Contact with declined customers",
}


def from_the_top(cells: Cells) -> Cells:
    """Cells by probability, from the highest down."""
    merged = cells.by("probability")
    return merged.take(np.arange(len(merged))[::-1])


def threshold_table(cells: Cells, days: int, most: int = 100) -> list[Row]:
    """Consequences of declining from a score on, at quantiles of the score that are dense where scores are high."""
    top = from_the_top(cells)
    if not len(top):
        return []
    running = {name: np.cumsum(top[name]) for name in ("n", "positives", "amount", "fraud_amount")}
    reached = Cells(top.costs, {name: np.cumsum(top[name]) for name in top.summed})
    none, every = top.paid("approve"), top.paid("decline")
    rows = []
    for i in _quantiles(running["n"], most)[::-1]:
        n, caught, amount, caught_amount = (float(running[name][i]) for name in running)
        above = reached.take(np.array([i]))
        cost = above.paid("decline") + none - above.paid("approve")
        done = Tally(
            flagged=n, caught=caught, flagged_amount=amount, caught_amount=caught_amount, declined=n,
            insulted=n - caught, declined_amount=amount, cost=cost, none=none, every=every,
            **{name: float(column[-1]) for name, column in running.items()},
        )  # fmt: skip
        rows.append({"threshold": float(top["probability"][i]), **consequences(done, days)})
    return rows


def _quantiles(flagged: Floats, most: int) -> Ints:
    """Positions at which a given share of rows is flagged, from one row to all."""
    shares = np.geomspace(1 / flagged[-1], 1, most)
    return np.unique(np.minimum(np.searchsorted(flagged, shares * flagged[-1] * (1 - 1e-12)), len(flagged) - 1))


def explorer(cells: Cells, days: int, most: int = 200) -> dict[str, Any]:
    """What a reader needs to move the threshold and the cost inputs: sums at some 200 thresholds, costs as products.

    The net cost at a point is the sum over components of their base times the inputs' factors.
    """
    costs, top = cells.costs, from_the_top(cells)
    parts = [
        (outcome, action, part)
        for action, outcome in (("approve", "fraud"), ("decline", "fraud"), ("decline", "genuine"))
        for part in costs.products[action, outcome]
    ]
    bases = np.stack([_running(top, f"{costs.bases[part.base]}_{outcome}", action) for outcome, action, part in parts])
    names = ("n", "positives", "amount", "fraud_amount")
    running = np.stack([np.r_[0.0, np.cumsum(top[name])] for name in names])
    at = np.r_[0, _quantiles(running[0][1:], most) + 1] if len(top) else np.zeros(1, dtype=np.int64)
    return {
        "rows": int(running[0][-1]),
        "positives": int(running[1][-1]),
        "value": float(running[2][-1]),
        "fraud_value": float(running[3][-1]),
        "days": days,
        "inputs": _inputs(costs, {factor.input for _, _, part in parts for factor in part.factors}),
        "components": [
            {"name": f"{action}_{outcome}_{part.name}", "title": COMPONENTS[part.name],
             "factors": [{"input": factor.input, "complement": factor.complement} for factor in part.factors]}
            for outcome, action, part in parts
        ],
        "points": [
            {"threshold": float(top["probability"][i - 1]) if i else None, "flagged": int(running[0][i]),
             "caught": int(running[1][i]), "flagged_value": float(running[2][i]),
             "caught_value": float(running[3][i]), "bases": bases[:, i].tolist()}
            for i in at
        ],
    }  # fmt: skip


def _running(top: Cells, column: str, action: str) -> Floats:
    """Sums of a cost's row part over the rows that are declined or, where ``action`` is approve, over the others."""
    declined = np.r_[0.0, np.cumsum(top[column])]
    return declined if action == "decline" else declined[-1] - declined


def _inputs(costs: Costs, used: set[str]) -> list[dict[str, Any]]:
    rows = []
    for name in (name for name in costs.inputs if name in used):
        unit = costs.unit_of(name)
        rows.append({"name": name, "title": TITLES[name], "value": costs.inputs[name], "unit": unit,
                     "most": 1 if unit == "share" else None})  # fmt: skip
    return rows
