"""What decisions cost, row by row, in the currency's minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tillthen.decide.actions import ACTIONS
from tillthen.runtime.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class CostTable:
    """The cost of each action on each row, if the row is a fraud and if it is genuine.

    ``fraud`` and ``genuine`` have a line for each of ``actions``, which are in the order of `ACTIONS`. Decisions are
    positions in ``actions``; without reviews and challenges they are 0 for approve and 1 for decline.
    """

    actions: tuple[str, ...]
    fraud: Floats
    genuine: Floats

    @staticmethod
    def of(columns: Mapping[str, Floats]) -> CostTable:
        """From columns ``approve_fraud``, ``decline_genuine`` and so on; what is not there costs nothing."""
        actions = tuple(a for a in ACTIONS if f"{a}_fraud" in columns or f"{a}_genuine" in columns)
        nothing = np.zeros(len(next(iter(columns.values()))))

        def lines(outcome: str) -> Floats:
            return np.stack([np.asarray(columns.get(f"{a}_{outcome}", nothing), dtype=np.float64) for a in actions])

        return CostTable(actions, lines("fraud"), lines("genuine"))

    def __len__(self) -> int:
        return self.fraud.shape[1]

    def take(self, rows: Bools | Ints) -> CostTable:
        """The costs of some rows."""
        return CostTable(self.actions, self.fraud[:, rows], self.genuine[:, rows])

    def of_decisions(self, chosen: Bools | Ints, labels: Ints) -> Floats:
        """Each row's cost of what was decided, given what it was."""
        at = chosen.astype(np.int64), np.arange(len(self))
        return np.where(labels == 1, self.fraud[at], self.genuine[at])

    def expected(self, probability: Floats) -> Floats:
        """Each action's expected cost on each row: p x (cost on a fraud) + (1 - p) x (cost on a genuine payment)."""
        return probability * self.fraud + (1 - probability) * self.genuine

    def savings(self, cost: float, labels: Ints) -> float | None:
        """The `savings` of decisions on these rows that cost so much in all."""
        none, every = (np.full(len(labels), self.actions.index(action)) for action in ("approve", "decline"))
        totals = (float(self.of_decisions(chosen, labels).sum()) for chosen in (none, every))
        return savings(cost, *totals)


def savings(cost: float | Fraction, none: float | Fraction, every: float | Fraction) -> float | None:
    """1 - cost / the cheaper of approving all and declining all; None where that costs nothing.

    1 is a free decision on every row, 0 no better than deciding without a model. Source: Bahnsen et al., "Example-
    dependent cost-sensitive logistic regression", 2014.
    """
    least = min(none, every)
    return float(1 - cost / least) if least > 0 else None
