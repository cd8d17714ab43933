"""What a backtest would have decided and cost, had some cost inputs been others."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

import numpy as np
import pandas as pd

from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.inputs import SHARES
from tillthen.define.faults.errors import UsageError, did_you_mean, sentence
from tillthen.evaluate.results.sensitivity import costs_at


def what_if(costs: Costs, rows: pd.DataFrame, **changed: float | Decimal) -> pd.DataFrame:
    """Decide scored rows anew by Bayes minimum risk at changed costs, and say what that would have cost.

    Parameters
    ----------
    costs
        The declared costs of the backtest that the rows are of.
    rows
        Rows of its table of scores whose label is known: ``probability``, ``label`` (1 a fraud, 0 genuine) and the
        costs' row parts, ``base_0`` and so on.
    changed
        Cost inputs by their names in ``costs.inputs``, such as ``churn=0.02``; the others are as declared. Money is in
        the unit of the costs, as it is declared. One that is declared as a row expression is multiplied by the number.

    Returns
    -------
    By the index of ``rows`` the ``action`` and its ``cost``, given what the payment was, in minor units.

    Raises
    ------
    UsageError
        The costs have no such input, or its value is negative, not finite, or more than 1 for a share.
    """
    for name, value in changed.items():
        _check(costs, name, value)
    bases = {name: rows[name].to_numpy(dtype=np.float64) for name in costs.bases.values()}
    table = costs_at(
        costs, bases, {**costs.inputs, **{name: _minor(costs, name, value) for name, value in changed.items()}}
    )
    chosen = bayes_minimum_risk(rows["probability"].to_numpy(dtype=np.float64), table)
    cost = table.of_decisions(chosen, rows["label"].to_numpy(dtype=np.int64))
    return pd.DataFrame({"action": np.array(table.actions)[chosen], "cost": cost}, index=rows.index)


def _minor(costs: Costs, name: str, value: float | Decimal) -> float:
    """A declared number in minor units; what multiplies an expression has none."""
    return float(value) if costs.unit_of(name) == "factor" else costs.minor(name, value)


def _check(costs: Costs, name: str, value: float | Decimal) -> None:
    if name not in costs.inputs:
        raise UsageError(sentence(f"The costs have no input '{name}'", fix=did_you_mean(name, costs.inputs)))
    most = 1.0 if name in SHARES else float("inf")
    if not (isfinite(value) and 0 <= value <= most):
        wanted = "a share of at most 1" if name in SHARES else "a finite number that is not negative"
        raise UsageError(sentence(f"Cost '{name}'", expected=wanted, got=value))
