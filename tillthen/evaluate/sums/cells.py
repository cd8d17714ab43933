"""Sums over rows that share a score, or a day and a decision: all that evaluation knows of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tillthen.decide.rules import FLAGS, RULES
from tillthen.define.backtests.cost import Costs
from tillthen.runtime.arrays import Bools, Floats, Ints, sums

SUMS = ("n", "positives", "amount", "fraud_amount", "expected_amount", "expected", "squared")
"""Rows, frauds among them, amounts, amounts of frauds, probability x amount, probability, (probability - label)^2."""
POLICY_KEYS = ("bayes_minimum_risk", "oracle", "operating", "others")
"""What each row's policies decided, as positions in the costs' actions; "others" is the cheapest action but for the
limited one. Beside them stands, for each of `FLAGS`, whether the policy takes its action."""


@dataclass(frozen=True)
class Cells:
    """Columns of equal length: keys, and sums over the rows that share them.

    ``probability`` and ``score`` are what the rows share, or their mean where scores were put into a grid. Sums of the
    costs' row parts are named ``base_0_fraud`` and so on, by the outcome of the rows that they are over.
    """

    costs: Costs
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["n"])

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def take(self, rows: Bools | Ints) -> Cells:
        """Some of the cells."""
        return Cells(self.costs, {name: column[rows] for name, column in self.columns.items()})

    def where(self, key: str, value: object) -> Cells:
        """The cells whose key is this."""
        return self.take(self.columns[key] == value)

    def with_columns(self, **columns: NDArray[Any]) -> Cells:
        """The cells with columns added or replaced."""
        return Cells(self.costs, {**self.columns, **columns})

    @property
    def counted(self) -> Cells:
        """Those of rows that are not left out."""
        left_out = self.columns["excluded"].astype(bool)
        return self.take(~left_out) if left_out.any() else self

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns that are sums."""
        return tuple(name for name in self.columns if name in SUMS or name.startswith("base_"))

    def by(self, *names: str) -> Cells:
        """Cells that share these keys put together, in the order of the keys."""
        codes = np.zeros(len(self), dtype=np.int64)
        for name in names:
            values, code = np.unique(self.columns[name], return_inverse=True)
            codes = codes * max(len(values), 1) + code
        _, first, at = np.unique(codes, return_index=True, return_inverse=True)
        kept = {name: self.columns[name][first] for name in names}
        summed = {name: sums(at, self.columns[name], len(first)) for name in self.summed}
        return Cells(self.costs, kept | summed)

    def total(self, name: str) -> float:
        """The sum of a column over all cells, rounded once."""
        return fsum(self.columns[name])

    def cost(self, action: str, outcome: str) -> Floats:
        """What the action costs on each cell's rows of an outcome, "fraud" or "genuine"."""
        found = np.zeros(len(self))
        for part in self.costs.products[action, outcome]:
            found += part.value(self.costs.inputs) * self.columns[f"{self.costs.bases[part.base]}_{outcome}"]
        return found

    def cost_of(self, action: str) -> Floats:
        """What the action costs on each cell's rows."""
        return self.cost(action, "fraud") + self.cost(action, "genuine")

    def paid(self, action: str, inputs: Mapping[str, float] | None = None) -> Fraction:
        """What the action costs on all rows, exactly: sums of row parts times the declared numbers."""
        values = self.costs.inputs if inputs is None else inputs
        parts = [(part, outcome) for outcome in ("fraud", "genuine") for part in self.costs.products[action, outcome]]
        return sum((part.exact(values) * Fraction(self.total(f"{self.costs.bases[part.base]}_{outcome}"))
                    for part, outcome in parts), Fraction(0))  # fmt: skip

    def paid_for(self, chosen: Ints) -> Fraction:
        """What decisions, as positions in the costs' actions, cost on all rows."""
        of = (self.take(chosen == i).paid(name) for i, name in enumerate(self.costs.actions))
        return sum(of, Fraction(0))

    def spent(self, policy: str) -> float:
        """What a policy's decisions cost on all rows."""
        return float(self.paid_for(self.chosen(policy)))

    def chosen(self, policy: str) -> Ints:
        """Each cell's decision under a policy, or the operating one, as positions in the costs' actions."""
        actions, rule = self.costs.actions, RULES.get(policy)
        if rule is None:
            return self._position(policy)
        otherwise = self._position(rule.otherwise)
        if not rule.taken:
            return otherwise
        return np.where(self.columns[policy] > 0, actions.index(rule.act(actions)), otherwise)

    def _position(self, choice: str) -> Ints:
        """An action's position, or that of what one of `POLICY_KEYS` has chosen."""
        actions = self.costs.actions
        if choice in actions:
            return np.full(len(self), actions.index(choice))
        return np.asarray(self.columns[choice], dtype=np.int64)


def unpacked(decided: Ints) -> dict[str, Ints]:
    """The policies' decisions out of the one number that holds them: two bits an action, one a flag.

    >>> {name: int(key[0]) for name, key in unpacked(np.array([1 + 4 * 3 + 256])).items() if key[0]}
    {'bayes_minimum_risk': 1, 'oracle': 3, 'fixed': 1}
    """
    keys = {name: decided >> (2 * i) & 3 for i, name in enumerate(POLICY_KEYS)}
    start = 2 * len(POLICY_KEYS)
    return keys | {name: decided >> (start + i) & 1 for i, name in enumerate(FLAGS)}
