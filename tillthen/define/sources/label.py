"""Labels: outcomes of decisions, and when they arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column, Expression, NotNegative, Title
from tillthen.define.arguments.shown import Told
from tillthen.define.expressions.expression import parse
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.inexact import inexact
from tillthen.define.sources.source import MadeOf, Source, made_fault


class OfDecisions(Told):
    """What rows of a source say of decisions, which they name by the row id."""

    source: Source
    decision: Column

    @property
    def key(self) -> str:
        """The decision as a row expression."""
        return _expression(self.decision)

    @property
    def cast(self) -> str:
        """What to declare where the decision must have another ``{type}``."""
        return _cast(self.decision)

    def _read_by(self, condition: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.source.clock_columns, *parse(self.key).columns, *parse(condition).columns)))


@checked
@dataclass(frozen=True)
class Unobserved(OfDecisions):
    """Decisions that can have no outcome, such as payments that the issuer declined: nobody learns what they were.

    Parameters
    ----------
    source
        Rows that say so, with their known time.
    where
        Row expression over the source: which decisions have no outcome. Null is false.
    decision
        The source's column that holds the spine's row id, or a cast of it to the id's type:
        ``"CAST(payment AS bigint)"``. The source's own id where not given.
    """

    source: Source
    where: Expression
    decision: Column = ""

    def __post_init__(self) -> None:
        if not self.decision and self.source.id:
            object.__setattr__(self, "decision", self.source.id)
        report(*made_fault("Unobserved decisions", self.source), *_key_faults(self.decision, self.source))
        if not self.decision:
            report(sentence(f"Unobserved decisions of '{self.source.name}'", expected="decision= or a source with an "
                            "id", got="neither", fix="Write for example decision='payment_id'."))  # fmt: skip

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads from the source's table."""
        return self._read_by(self.where)


@checked
@dataclass(frozen=True)
class Label(OfDecisions):
    """The outcome of a decision, as it is known at a time T.

    Positive: an outcome row for which ``positive`` is true has known time <= T and is not retracted by T.
    Negative: there is none, and as_of + maturity <= T. Immature otherwise. An outcome row whose known time is null
    makes the decision unknown, never negative; so does a row of ``unobserved``, known at T, where nothing positive is.

    Parameters
    ----------
    name
        What a positive is called, for example "fraud".
    source
        The outcome rows, with their known time and retraction.
    decision
        The source's column that holds the spine's row id, or a cast of it to the id's type:
        ``"CAST(payment AS bigint)"``. Integers of any width are compared as they are.
    positive
        Row expression over the source: which outcomes are bad ones. Null is false.
    maturity
        How long to wait before the absence of a bad outcome counts as a good one.
    unobserved
        Decisions whose absence of a bad outcome says nothing: they are never negative.
    """

    name: Title
    source: Source
    decision: Column
    maturity: NotNegative
    positive: Expression = "true"
    unobserved: Unobserved | None = None

    def __post_init__(self) -> None:
        report(*made_fault(self.place, self.source), *_key_faults(self.decision, self.source))

    @property
    def place(self) -> str:
        """How messages name it."""
        return f"Label '{self.name}'"

    @checked
    def as_events(self, decisions: Source, *, immature: Literal["unknown", "good"] = "unknown") -> Source:
        """A source of what was known of each decision, for features made of labels, such as a merchant's fraud rate.

        Its rows are versions of the decisions, with all their columns and a boolean one of the label's name: null from
        the decision's own known time on, true from the arrival of a positive outcome, false from as_of + maturity or
        from a won dispute. Nothing is known of a decision before it is known itself: what was learned earlier counts
        from then. Nor once it is retracted. ``rate`` over it leaves immature decisions out of both parts of the
        fraction; ``immature="good"`` counts them as false. ``as_of`` is the event time of ``decisions``.
        """
        where = f"{self.place} of '{decisions.name}'"
        report(*made_fault(where, decisions))
        if not decisions.id or decisions.versions:
            report(sentence(where, expected="decisions with an id and without versions",
                            got="versions" if decisions.versions else "no id"))  # fmt: skip
        if self.unobserved is not None:
            report(sentence(where, expected="a label without unobserved decisions", got="unobserved=",
                            fix="Leave those decisions out by where= instead."))  # fmt: skip
        return Source(
            f"{self.name}_of_{decisions.name}",
            id=decisions.id,
            event_time=decisions.event_time,
            known_time=f"{self.name}_known_at",
            retracted_time=decisions.retracted_time,
            versions=True,
            immutable_event_time=True,
            event_date=decisions.event_date,
            timezone=decisions.timezone,
            date_is=decisions.date_is,
            complete_from=decisions.complete_from,
            incomplete_windows=decisions.incomplete_windows,
            made_of=LabelEvents(self, decisions, immature == "good"),
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads from the source's table."""
        return self._read_by(self.positive)


@checked
@dataclass(frozen=True)
class LabelEvents(MadeOf):
    """What a source of label events is made of, and whether a decision counts as good before it has matured."""

    label: Label
    decisions: Source
    immature_is_good: bool

    @property
    def sources(self) -> tuple[Source, Source]:
        """The tables behind it: of the decisions and of their outcomes."""
        return self.decisions, self.label.source

    def as_claimed(self) -> LabelEvents:
        label = replace(self.label, source=self.label.source.as_claimed())
        return replace(self, label=label, decisions=self.decisions.as_claimed())


def _expression(decision: str) -> str:
    """What holds the row id as a row expression: a cast, or a column by its exact name."""
    return decision if "(" in decision else quoted(decision)


def _cast(decision: str) -> str:
    return f"Declare decision='CAST({decision} AS {{type}})'."


def _key_faults(decision: str, source: Source) -> Iterator[str]:
    if not decision:
        return
    yield from parse(_expression(decision)).faults
    if decision in source.columns:
        yield from inexact(f"Decision '{decision}' of source '{source.name}'", source.columns[decision],
                           _cast(decision).format(type="bigint"))  # fmt: skip
