"""What gates found: plain facts that a ledger keeps, and the refusal they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import GateNotMet, sentence
from tillthen.quality.bins import Bins

Verdict = Literal["met", "not met", "not judged"]


@dataclass(frozen=True)
class Night:
    """What one run of a gate is about: a run and its rows' times, [``start``, ``end``), both with a zone."""

    run_id: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise ValueError(sentence("A night", expected="a start before its end, both with a zone",
                                      got=f"[{self.start}, {self.end})"))  # fmt: skip

    @property
    def day(self) -> date:
        """The day that it began on."""
        return self.start.date()

    @property
    def nights(self) -> int:
        """How many days it is about; a backfill judges several together."""
        return max(1, (self.end - self.start).days)


@dataclass(frozen=True)
class GateResult:
    """One expectation of one table on one night.

    Parameters
    ----------
    subject, expectation
        Whose expectation it is, "Source 'payments'", and its name.
    otherwise
        What is done where it is not met: "warn", "stop" or "quarantine".
    run_id, day, end
        The night: its run, the day that it began on and its end, in ISO 8601.
    verdict
        "not judged" where there is too little history to compare with.
    rows
        The rows it was judged on.
    measured
        Numbers and lists that later nights compare with, by name.
    said
        The verdict in words: expected and got.
    """

    subject: str
    expectation: str
    otherwise: str
    run_id: str
    day: str
    end: str
    verdict: Verdict
    rows: int
    measured: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""

    def facts(self) -> dict[str, Any]:
        """What JSON holds of it."""
        return asdict(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> GateResult:
        """What `facts` gave; a key that is not known is passed over, so that older readers read newer ledgers."""
        return cls(**{name: facts[name] for name in cls.__dataclass_fields__ if name in facts})

    @property
    def ended(self) -> datetime:
        """When the night ended."""
        return datetime.fromisoformat(self.end)

    @property
    def nights(self) -> int:
        """How many days it is about."""
        return max(1, (datetime.fromisoformat(self.end).date() - date.fromisoformat(self.day)).days)

    @property
    def stops(self) -> bool:
        """Whether a build must not go on. A quarantine that is not met has grown past its share."""
        return self.verdict == "not met" and self.otherwise != "warn"

    def __str__(self) -> str:
        return f"{self.subject}: {self.said}"


def refuse(results: Iterable[GateResult]) -> None:
    """Raise `GateNotMet` with every result that stops, a line each; warnings pass."""
    failed = [str(one) for one in results if one.stops]
    if failed:
        head = "1 expectation is not met" if len(failed) == 1 else f"{len(failed)} expectations are not met"
        raise GateNotMet("\n".join([f"{head}, nothing was written:", *(f"  {one}" for one in failed)]))


def warnings(results: Iterable[GateResult]) -> list[str]:
    """What is not met and yet stops nothing, a line each."""
    return [str(one) for one in results if one.verdict == "not met" and not one.stops]


def earlier(
    history: Iterable[GateResult], subject: str, expectation: str, night: Night, over: Duration
) -> list[GateResult]:
    """The results of one expectation for nights that ended at most ``over`` before this one's end, in order.

    Nights that were refused are no history, and their days do not count as time: what is refused night after night
    never becomes usual, and what was usual before is not forgotten meanwhile. A night that was judged more than once
    counts as it was judged last in ``history``; later nights never count.
    """
    before = [one for one in history if one.ended < night.end]
    refused = {(one.run_id, one.end) for one in before if one.stops}
    let_in = [one for one in before if (one.run_id, one.end) not in refused]
    out = _days(one for one in before if one.stops) - _days(let_in)
    reach = timedelta(microseconds=over.micros)
    found = {one.ended: one for one in let_in if (one.subject, one.expectation) == (subject, expectation)}
    return [one for end, one in sorted(found.items()) if night.end - end - _passed(out, end) <= reach]


def _days(results: Iterable[GateResult]) -> set[date]:
    """Every day that some result is about."""
    spans = {(one.day, one.nights) for one in results}
    return {date.fromisoformat(day) + timedelta(days=n) for day, nights in spans for n in range(nights)}


def _passed(days: Iterable[date], since: datetime) -> timedelta:
    """How much of the time since an instant days are."""
    return timedelta(days=sum(day >= since.date() for day in days))


def laid_from(bins: Bins, history: Iterable[GateResult], subject: str, expectation: str) -> int:
    """From how many rows bins were laid: those of the first night that has them."""
    facts = bins.facts()
    same = [one for one in history if (one.subject, one.expectation) == (subject, expectation)
            and {name: one.measured.get(name) for name in facts} == facts]  # fmt: skip
    return min(same, key=lambda one: one.ended).rows if same else 0


def on_weekday(results: Sequence[GateResult], day: date) -> list[GateResult]:
    """Those of single nights of one day of the week."""
    return [one for one in results if one.nights == 1 and date.fromisoformat(one.day).weekday() == day.weekday()]
