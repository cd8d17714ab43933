"""What is asked of scored rows: which costs, which policy, which slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from tillthen.define.backtests.cost import Costs
from tillthen.define.backtests.minimums import FEW

Thresholds = Mapping[tuple[str, int], Mapping[str, float | None]]
"""By model and fold the thresholds "best_f1", "empirical" and "saving_threshold", learned before the test; None where
there is none."""
Parts = Mapping[tuple[int, int], tuple[Fraction, Fraction]]
"""By fold and day the part of the day that is tested, where it is not all of it; see `Folds.parts_of_days`."""


@dataclass(frozen=True)
class Question:
    """How the scores of one backtest are to be evaluated.

    Parameters
    ----------
    costs
        What actions cost; the scores hold ``costs.columns``.
    policy
        The operating policy, by which the scores' ``action`` was decided.
    capacity
        How many cards can be looked at in a day, and how often the limited action can be taken.
    cards
        Whether the scores name a card: without, each row is one of its own.
    segments
        Names of the columns ``segment_<name>``.
    thresholds, thresholds_from
        Those of the policies with one threshold, and in words the data that they come from.
    calibration
        The kind of calibration of each model, "none" where missing.
    ages
        For each fold the day, since the epoch, from which its models' age counts.
    champion, challenger
        The models that are compared.
    parts
        Days of which a fold tests a part: it has that part of the day's capacity, so that a day that two folds share
        has it once.
    exact_rows
        Up to so many rows every distinct score is kept; beyond, a grid.
    fewest
        Segments with fewer rows than this show counts alone; with fewer frauds, no ranking and no detection.
    """

    costs: Costs
    policy: str
    capacity: int
    cards: bool
    segments: tuple[str, ...] = ()
    thresholds: Thresholds = field(default_factory=dict)
    thresholds_from: str = ""
    calibration: Mapping[str, str] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)
    champion: str = ""
    challenger: str | None = None
    parts: Parts = field(default_factory=dict)
    exact_rows: int = 1_000_000
    fewest: int = FEW

    @cached_property
    def bases(self) -> tuple[tuple[str, str], ...]:
        """The row parts of costs that are summed, each with the outcome of the rows it is for: "fraud" or "genuine"."""
        return tuple(
            dict.fromkeys(
                (self.costs.bases[part.base], outcome)
                for (_, outcome), parts in self.costs.products.items()
                for part in parts
            )
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Capacities around the declared one, for the capacity table."""
        factors = (0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8)
        return tuple(sorted({max(1, round(self.capacity * factor)) for factor in factors}))
