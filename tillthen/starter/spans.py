"""How long a table's events go, how long its outcomes take to come, and which folds fit into that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.starter.proposal import Proposal

DAY = 86_400_000_000


@dataclass(frozen=True)
class Waits:
    """Days from an event to its outcome: the half, and nineteen of twenty, have come by then; all by ``longest``."""

    half: int
    most: int
    longest: int


def days_of(proposal: Proposal) -> tuple[date, date] | None:
    """The days of the first and of the last event."""
    if proposal.event_time is None:
        return None
    first, last = proposal.table.extent(proposal.event_time.name)
    return (_day(first), _day(last)) if first is not None else None


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value


def waits(proposal: Proposal) -> Waits | None:
    """How long the outcomes of the sample took, where the table says when they came."""
    event, outcome = proposal.event_time, proposal.outcome_time
    if event is None or outcome is None:
        return None
    first, second = (proposal.table.sample[one.name].cast(pa.timestamp("us"), safe=False) for one in (event, outcome))
    taken = pc.drop_null(pc.subtract(second.cast(pa.int64()), first.cast(pa.int64())))
    if not len(taken):
        return None
    half, most, longest = np.quantile(taken.to_numpy(), (0.5, 0.95, 1.0))
    return Waits(*(max(1, ceil(micros / DAY)) for micros in (half, most, longest)))


def folds(proposal: Proposal) -> Mapping[str, object]:
    """Windows that fit into the days that the table holds, each followed by the wait for its labels."""
    days, came = days_of(proposal), waits(proposal)
    first, last = days or (date.min, date.min)
    span = (last - first).days + 1
    delay = min(30, max(1, span // 8)) if came is None else min(came.most, max(1, span // 5))
    rest = span - 3 * delay
    start = first + min(timedelta(delay), date.max - first)
    return {"first": first, "last": last, "start": start, "dated": days is not None, "delay": delay, "waits": came,
            "train": max(1, rest // 2), "calibrate": max(1, rest // 6), "test": max(1, rest // 4)}  # fmt: skip
