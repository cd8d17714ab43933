"""Labels: outcomes of decisions, and when they arrived."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.duration import Duration
from tillthen.define.errors import sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report
from tillthen.define.source import Source


@dataclass(frozen=True)
class Label:
    """The outcome of a decision, as it is known at a time T.

    Positive: an outcome row for which ``positive`` is true has known time <= T and is not retracted by T.
    Negative: there is none, and as_of + maturity <= T. Immature otherwise. An outcome row whose known time is null
    makes the decision unknown, never negative.

    Parameters
    ----------
    name
        What a positive is called, for example "fraud".
    source
        The outcome rows, with their known time and retraction.
    decision
        The source's column that holds the spine's row id.
    positive
        Row expression over the source: which outcomes are bad ones. Null is false.
    maturity
        How long to wait before the absence of a bad outcome counts as a good one.
    """

    name: str
    source: Source
    decision: str
    maturity: Duration
    positive: str = "true"

    def __post_init__(self) -> None:
        where = f"Label '{self.name}'"
        faults = list(parse(self.positive).faults)
        if not isinstance(self.maturity, Duration) or self.maturity.micros < 0:
            faults.append(
                sentence(f"{where} 'maturity'", expected="a duration that is not negative", got=self.maturity)
            )
        report(*faults)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads from the source's table."""
        return tuple(dict.fromkeys((*self.source.clock_columns, self.decision, *parse(self.positive).columns)))
