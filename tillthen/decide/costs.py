"""What decisions cost, row by row, in the currency's minor units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillthen.runtime.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class CostTable:
    """The cost of each action and outcome for each row; approving a genuine payment costs nothing."""

    approve_fraud: Floats
    decline_genuine: Floats
    decline_fraud: Floats

    def __len__(self) -> int:
        return len(self.approve_fraud)

    def take(self, rows: Bools | Ints) -> CostTable:
        """The costs of some rows."""
        return CostTable(self.approve_fraud[rows], self.decline_genuine[rows], self.decline_fraud[rows])

    def of(self, declined: Bools, labels: Ints) -> Floats:
        """Each row's cost of what was decided, given what it was."""
        fraud = labels == 1
        when_declined = np.where(fraud, self.decline_fraud, self.decline_genuine)
        return np.where(declined, when_declined, np.where(fraud, self.approve_fraud, 0.0))

    def expected_saving(self, probability: Floats) -> Floats:
        """Expected cost of approving less that of declining; positive where declining is cheaper."""
        declining = probability * self.decline_fraud + (1 - probability) * self.decline_genuine
        return probability * self.approve_fraud - declining


def savings(cost: float, costs: CostTable, labels: Ints) -> float | None:
    """1 - cost / the cheaper of declining none and declining all; None where that costs nothing.

    1 is a free decision on every row, 0 no better than deciding without a model. Source: Bahnsen et al., "Example-
    dependent cost-sensitive logistic regression", 2014.
    """
    none = costs.of(np.zeros(len(costs), dtype=bool), labels).sum()
    every = costs.of(np.ones(len(costs), dtype=bool), labels).sum()
    least = float(min(none, every))
    return 1 - cost / least if least > 0 else None
