"""How long a table's events go, how long its outcomes take to come, and which folds fit into that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from math import ceil

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.define.backtests.minimums import FEW, FEWEST_DAYS
from tillthen.starter.outcomes import are_bad
from tillthen.starter.proposal import Proposal

DAY = 86_400_000_000
Days = npt.NDArray[np.float64]


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


def positives(proposal: Proposal) -> Days:
    """When the bad rows happened, in days since the first event's midnight, in order; over all rows."""
    event, outcome, days, value = proposal.event_time, proposal.outcome, days_of(proposal), proposal.bad
    if event is None or outcome is None or days is None or value is None:
        return np.empty(0)
    pairs = proposal.table.read(event.name, outcome.name)
    at = (
        pc.drop_null(pairs.filter(are_bad(pairs[outcome.name], value))[event.name])
        .cast(pa.timestamp("us"), safe=False)
        .cast(pa.int64())
    )
    return np.sort(at.to_numpy() / DAY - (days[0] - date(1970, 1, 1)).days)


@dataclass(frozen=True)
class Windows:
    """Lengths in days of a fold's parts, which wait ``delay`` days for their labels; 0 is no calibration window."""

    train: int
    calibrate: int
    test: int
    delay: int

    def found(self, bad: Days) -> Mapping[str, int]:
        """How many of the bad rows happened in each part."""
        after = self.train + self.delay
        test = after + (self.calibrate + self.delay if self.calibrate else 0)
        parts = {"train": (0, self.train), "calibrate": (after, after + self.calibrate),
                 "test": (test, test + self.test)}  # fmt: skip
        return {part: int(np.searchsorted(bad, to) - np.searchsorted(bad, since))
                for part, (since, to) in parts.items()}  # fmt: skip


def windows(span: int, delay: int, bad: Days) -> tuple[Windows, int]:
    """Parts that end, with the wait for the last labels, within ``span`` days.

    The calibration window is as long as `FEW` bad rows need; where none that fits holds so many there is none. The
    number is of the bad rows in the window, or in the longest that was tried.
    """
    rest = span - 3 * delay
    train, test = max(1, rest // 2), max(1, rest // 4)
    held = 0
    for calibrate in range(max(1, rest // 6), rest - train - test + 1):
        tried = Windows(train, calibrate, test, delay)
        held = tried.found(bad)["calibrate"]
        if held >= FEW:
            return tried, held
    rest += delay
    return Windows(max(1, rest * 3 // 5), 0, max(1, rest * 2 // 5), delay), held


def folds(proposal: Proposal) -> Mapping[str, object]:
    """A fold that fits into the days that the table holds, with how many bad rows decide in each of its parts."""
    days, came = days_of(proposal), waits(proposal)
    first, last = days or (date.min, date.min)
    span = (last - first).days + 1
    delay = min(30, max(1, span // 8)) if came is None else min(came.most, max(1, span // 5))
    bad = positives(proposal)
    parts, held = windows(span, delay, bad)
    found = parts.found(bad)
    sure = parts.test >= FEWEST_DAYS and found["test"] >= FEW
    return {"first": first, "last": last, "start": first, "dated": days is not None, "waits": came, **asdict(parts),
            "bad": len(bad), "found": found, "held": held, "few": FEW, "fewest_days": FEWEST_DAYS,
            "sure": sure}  # fmt: skip
