"""Exact numbers to be added up over windows, one an event."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tillthen.runtime.arrays import Ints


@dataclass(frozen=True, eq=False)
class Addends:
    """A (limbs, events) matrix of int64, least significant limb first, in units of ``2**unit``.

    Running totals may leave 64 bits and come back: a window's own total does not.
    """

    limbs: Ints
    unit: int = 0

    @cached_property
    def running(self) -> Ints:
        """Prefix sums in the order of events, (limbs, events + 1)."""
        return prefix_sums(self.limbs)

    def prefix(self, events: Ints | None, order: Ints | None) -> Ints:
        """Prefix sums of the numbers of these events (None: of all), taken in this order (None: as they stand)."""
        if events is None:
            return self.running if order is None else prefix_sums(self.limbs.take(order, axis=1))
        return prefix_sums(self.limbs.take(events if order is None else events[order], axis=1))


def prefix_sums(limbs: Ints) -> Ints:
    """Sums of the first 0, 1, ... columns."""
    sums = np.zeros((len(limbs), limbs.shape[1] + 1), dtype=np.int64)
    np.cumsum(limbs, axis=1, out=sums[:, 1:])
    return sums
