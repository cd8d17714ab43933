"""Bins of a column's values, and how far two distributions over them are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HALF = 0.5
"""Added to the count of each bin, so that an empty one has a share: Jeffreys' prior for shares."""

LEAST_ROWS = 50
"""Fewer rows lay no bins that later nights are compared in: deciles of three payments say nothing of the fourth."""


@dataclass(frozen=True)
class Bins:
    """Where values fall: up to each of the increasing ``cuts`` (and above the last), or each of ``values`` and others.

    The last bin is that of nulls. NaN is above every cut.
    """

    cuts: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    def facts(self) -> dict[str, list[Any]]:
        """What a ledger keeps of it."""
        return {"cuts": list(self.cuts), "values": list(self.values)}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Bins | None:
        """What `facts` gave; None where there is nothing."""
        bins = cls(tuple(facts.get("cuts", ())), tuple(facts.get("values", ())))
        return bins if bins.cuts or bins.values else None


def stability_index(expected: Sequence[int], actual: Sequence[int]) -> float:
    """The population stability index of two distributions, given as counts in the same bins.

    sum of (p - q) ln(p / q), where p and q are the bins' shares; `HALF` is added to each count. It is 0 for equal
    shares and symmetric (Siddiqi, Credit Risk Scorecards, 2006).

    >>> stability_index([50, 50], [5, 5]), round(stability_index([500, 500], [900, 100]), 3)
    (0.0, 0.876)
    """
    p, q = _shares(expected), _shares(actual)
    return math.fsum((a - b) * math.log(a / b) for a, b in zip(q, p, strict=True))


def _shares(counts: Sequence[int]) -> list[float]:
    whole = math.fsum(counts) + HALF * len(counts)
    return [(count + HALF) / whole for count in counts]
