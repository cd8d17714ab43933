"""Sources: tables of events with both clocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import ZERO
from tillthen.define.arguments.fingerprint import UNHASHED
from tillthen.define.arguments.kinds import Column, Columns, Name, NotNegative, Table, TypeName, Zone
from tillthen.define.arguments.shown import Told
from tillthen.define.expectations.rules import Expectation
from tillthen.define.expectations.suitable import quarantining, source_faults
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.inexact import inexact
from tillthen.define.sources.money import Money


class MadeOf(ABC):
    """What the rows of a source without a table of its own are made of."""

    @property
    @abstractmethod
    def sources(self) -> tuple[Source, Source]:
        """The tables behind it: of the events, and of what is said about them."""

    @abstractmethod
    def as_claimed(self) -> Self:
        """Of the same sources as if their rows had landed when they claim to have been known."""


@checked
@dataclass(frozen=True)
class Source(Told):
    """A table of events, and when each of its rows could be used.

    Parameters
    ----------
    name
        How declarations and messages call it.
    table
        The name of the table in the configuration; ``name`` where not given.
    event_time
        Column: when it happened in the world. A DATE means the end of that day unless ``date_is="start"``.
    id
        Column that identifies an event. Identical rows of one id collapse and are counted; different ones are
        refused unless ``versions``.
    known_time
        Column: when the deciding system could have used the row. Without it, the event time.
    delay
        Added to the known time.
    landed_time
        Column: when the row came into the table. A row that claims to have been known before counts as known from
        then, to the microsecond, so that a night and a later backfill see the same. A DATE is always that day's end.
    landing
        How long a day's rows may take to land, with the builds of the day waiting for them: a row that lands on the
        UTC day of its claimed known time, or within this time after that day's end, keeps its claim. Without it none
        does; ``hours(0)`` is a day's own rows alone.
    retracted_time
        Column: when our systems learned that the row is not, or no longer, true. Null means never.
    versions
        One id may have several versions; each is visible from its known time until the next one's, or until its
        retraction.
    sequence
        Columns that order events (and versions) of equal event and known time.
    deleted
        Column: a living version in which it is true hides the row. Needs ``versions``.
    event_date
        DATE column that holds the day of the event time. Where the table is partitioned by it, only the days that the
        windows can see are read.
    immutable_event_time
        No version of an id changes its event time, so that sources with versions, too, are read only as far back as
        the windows see.
    columns
        Types the table must have, in Spark's words, for example ``{"amount_minor": "bigint"}``.
    money
        Columns of amounts, for example ``{"amount": Money("EUR", unit="major")}``: each is read as a bigint of minor
        units.
    timezone
        Zone of times that carry none. Without it such times are refused. An ambiguous local time is the later
        instant.
    date_is
        Which instant of the day a DATE means: ``"end"`` (its last microsecond) or ``"start"``.
    complete_from
        From when the table holds all events. Windows that reach before it are counted in the run's facts.
    incomplete_windows
        What such windows give: ``"keep"`` what is there, or ``"null"``.
    made_of
        What its rows are made of, where it has no table of its own; see `tillthen.define.sources.label.Label.as_events`
        and `tillthen.define.sources.rates.Rates.convert`.
    expect
        What its table must be like: see `tillthen.expect`. Rows are set aside by their own columns alone, and only by
        those that are declared, since these are known at its known time.
    """

    name: Name
    event_time: Column
    table: Table = ""
    id: Column | None = None
    known_time: Column | None = None
    delay: NotNegative = ZERO
    landed_time: Column | None = None
    landing: NotNegative | None = None
    retracted_time: Column | None = None
    versions: bool = False
    sequence: Columns = ()
    deleted: Column | None = None
    event_date: Column | None = None
    immutable_event_time: bool = False
    columns: Mapping[Column, TypeName] = field(default_factory=dict)
    money: Mapping[Column, Money] = field(default_factory=dict)
    timezone: Zone | None = None
    date_is: Literal["end", "start"] = "end"
    complete_from: datetime | None = None
    incomplete_windows: Literal["keep", "null"] = "keep"
    made_of: MadeOf | None = None
    expect: Sequence[Expectation] = field(default=(), metadata=UNHASHED)
    screens: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", self.table or self.name)
        object.__setattr__(self, "screens", tuple(rule.condition for rule in quarantining(self.expect)))
        report(*_faults(self))

    def __hash__(self) -> int:
        return hash((self.name, self.table, self.event_time))

    @property
    def read(self) -> tuple[Source, ...]:
        """The sources whose tables are read for it: itself, or what it is made of."""
        return (self,) if self.made_of is None else self.made_of.sources

    def as_claimed(self) -> Source:
        """The source as if each of its rows had landed when it claims to have been known."""
        made = None if self.made_of is None else self.made_of.as_claimed()
        return replace(self, landed_time=None, landing=None, made_of=made)

    @property
    def times(self) -> tuple[str, ...]:
        """The columns that hold its clock's times, without repetition."""
        named = (self.event_time, self.known_time, self.landed_time, self.retracted_time)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def mixed(self) -> Mapping[str, str]:
        """The columns whose amounts are in several currencies, each with the column of the code."""
        return {name: of.by for name, of in self.money.items() if of.by is not None}

    @property
    def known_at_once(self) -> bool:
        """Whether every event is known from its event time on."""
        return not (self.known_time or self.delay.micros or self.landed_time or self.versions)

    @property
    def known_for_ever(self) -> bool:
        """Whether no event ceases to be known."""
        return not (self.retracted_time or self.versions)

    @property
    def clock_columns(self) -> tuple[str, ...]:
        """The columns that say which row it is and when it counts, without repetition."""
        named = (self.id, self.event_time, self.known_time, self.landed_time, self.retracted_time, *self.sequence,
                 self.deleted)  # fmt: skip
        return tuple(dict.fromkeys(name for name in named if name))


def made_fault(what: str, source: Source) -> list[str]:
    """Why a source that is made of others cannot be ``what``: its rows are not known when those of a table are."""
    if source.made_of is None:
        return []
    return [sentence(f"{what}: source '{source.name}' is made of others", expected="a source with a table of its own",
                     fix=f"Declare '{source.read[0].name}', and read '{source.name}' by a feature set: of each row the "
                         "last(...) by its id.")]  # fmt: skip


def _faults(source: Source) -> list[str]:
    where = f"Source '{source.name}'"
    faults = []
    if source.landing is not None and not source.landed_time:
        faults.append(sentence(f"{where} has landing= but no landed_time", fix="Declare landed_time=, its column."))
    if source.id in source.columns:
        faults += inexact(f"{where} 'id'", source.columns[str(source.id)], "Keep it as bigint or string.")
    if source.versions and not source.id:
        faults.append(sentence(f"{where} has versions but no id", fix="Declare id=, the column that versions share."))
    if source.versions and not source.known_time:
        faults.append(
            sentence(f"{where} has versions but no known_time", fix="Declare known_time=, when each version arrived.")
        )
    if source.deleted and not source.versions:
        faults.append(sentence(f"{where} marks rows deleted but has no versions", fix="Declare versions=True."))
    if source.complete_from is not None and source.complete_from.tzinfo is None:
        faults.append(sentence(f"{where} 'complete_from'", expected="a time with a zone", got=source.complete_from,
                               fix="Add tzinfo=UTC."))  # fmt: skip
    known = {*source.columns, *source.clock_columns} - {source.retracted_time}
    return [*faults, *source_faults(where, source.expect, known, source.retracted_time, source.versions)]
