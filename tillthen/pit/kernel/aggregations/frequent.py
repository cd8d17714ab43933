"""The most frequent values: by count descending, then by value ascending.

For each value the number of its events that a row sees is a step function of the row's position. Each step is a range
of positions with a count, and a row lies in exactly one step of every value that it sees: the most frequent are the
greatest of its steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.lists import Lists
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.stabbing import greatest, top_ranks
from tillthen.runtime.arrays import Ints, taken


def mode(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """The most frequent non-null value, of several the smallest."""
    steps = _Steps.of(events, pieces, column)
    chosen = steps.value(greatest(steps.ranges, steps.ranges.events))
    return taken(steps.values, chosen)


def top_k(events: Events, pieces: Pieces, column: str | None, k: int) -> Lists:
    """The k most frequent non-null values as a list, null where there is none."""
    steps = _Steps.of(events, pieces, column)
    most = min(k, int(steps.ranges.sweep.count.max(initial=0)))
    return Lists(steps.values, lambda first, last: steps.value(top_ranks(steps.ranges.within(first, last), most)), most)


@dataclass(frozen=True)
class _Steps:
    """Different values in ascending order, and the steps of their counts.

    In place of its event each range has a rank, count * number of values + place of the value from the greatest.
    """

    values: pa.Array
    ranges: Pieces

    @classmethod
    def of(cls, events: Events, pieces: Pieces, column: str | None) -> _Steps:
        assert column is not None
        values = events.column(column)
        seen = pieces.keep(values.valid).not_empty
        _, first, value = np.unique(values.identity[seen.events], return_index=True, return_inverse=True)
        return cls(values.alike.take(pa.array(seen.events[first])), _steps(seen, value, len(first)))

    def value(self, rank: Ints) -> Ints:
        """The value's place in ascending order; -1 for rank -1."""
        different = max(len(self.values), 1)
        return np.where(rank < 0, -1, different - 1 - rank % different)


def _steps(seen: Pieces, value: Ints, different: int) -> Pieces:
    """At each start of a range its value's count goes up by one, at each end down; after its last end it is 0."""
    at = np.r_[seen.start, seen.end]
    both = np.r_[value, value]
    order = np.argsort(both * (seen.rows + 1) + at)
    change = np.where(order < len(value), 1, -1)
    count = np.cumsum(change)
    rank = count * different + (different - 1 - both[order])
    at = at[order]
    step = np.flatnonzero((count[:-1] > 0) & (at[:-1] < at[1:]))
    return Pieces(seen.rows, at[step], at[step + 1], rank[step])


AGGREGATIONS = {"mode": mode, "top_k": top_k}
