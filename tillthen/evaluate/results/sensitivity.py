"""What a wrong cost input would change: each halved and raised by half, with every decision made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tillthen.decide.costs import CostTable, savings
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.inputs import SHARES, TITLES
from tillthen.evaluate.sums.cells import Cells
from tillthen.runtime.arrays import Floats, Ints

CHANGES = {"low": 0.5, "high": 1.5}


def variants(costs: Costs) -> list[tuple[str, float]]:
    """Inputs that matter with their changed values; an input of 0 stays 0, and a share is at most 1."""
    matter = [(name, value) for name, value in costs.inputs.items() if value]
    return [(name, _changed(name, value, factor)) for name, value in matter for factor in CHANGES.values()]


def _changed(name: str, value: float, factor: float) -> float:
    return min(value * factor, 1.0) if name in SHARES else value * factor


def spent(costs: Costs, bases: Mapping[str, Floats], probability: Floats, labels: Ints) -> list[Floats]:
    """For each of the `variants` what Bayes minimum risk under the changed costs would cost on each of these rows."""
    found = []
    for name, value in variants(costs):
        table = costs_at(costs, bases, {**costs.inputs, name: value})
        found.append(table.of_decisions(bayes_minimum_risk(probability, table), labels))
    return found


def costs_at(costs: Costs, bases: Mapping[str, Floats], inputs: Mapping[str, float]) -> CostTable:
    """Each row's costs at these inputs, from the row parts ``base_0`` and so on."""
    nothing = np.zeros(len(next(iter(bases.values()))))
    columns = {
        f"{action}_{outcome}": sum((part.value(inputs) * bases[costs.bases[part.base]] for part in parts), nothing)
        for (action, outcome), parts in costs.products.items()
    }
    return CostTable.of(columns)


def sensitivity(cells: Cells, changed: Mapping[tuple[str, float], float]) -> list[dict[str, Any]]:
    """For each input the cost and savings at half and at one and a half times its value, the widest first.

    ``changed`` is what `spent` gave, summed over all rows of the cells.
    """
    costs, rows = cells.costs, []
    base = cells.spent("bayes_minimum_risk")
    for name, value in costs.inputs.items():
        if not value:
            continue
        sides = {}
        for side, factor in CHANGES.items():
            other = _changed(name, value, factor)
            cost, inputs = changed[name, other], {**costs.inputs, name: other}
            none, every = (cells.paid(action, inputs) for action in ("approve", "decline"))
            sides[side] = {"value": other, "cost": cost, "savings": savings(cost, none, every)}
        rows.append({"input": name, "title": TITLES[name], "unit": costs.unit_of(name), "declared": value, **sides,
                     "base_cost": base})  # fmt: skip
    return sorted(rows, key=lambda row: -abs(row["high"]["cost"] - row["low"]["cost"]))
