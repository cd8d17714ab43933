"""Spines: the rows to predict for."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import ZERO
from tillthen.define.arguments.kinds import Column, Columns, NotNegative, Positive
from tillthen.define.arguments.shown import Told
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence
from tillthen.define.sources.source import Source, made_fault

DAY = 86_400_000_000


@checked
@dataclass(frozen=True)
class Spine(Told):
    """The rows to predict for: each event of ``source``, once.

    Parameters
    ----------
    source
        Whose events are decided on; its id is the row id.
    as_of
        Column: the instant of the decision; an ambiguous local time is the earlier instant.
    known
        The columns that are known at the decision. Only these, the id, ``as_of`` and entity keys reach a table:
        response codes and outcomes are filled in later and belong in a source with its own known time.
    """

    source: Source
    as_of: Column
    known: Columns = ()

    def __post_init__(self) -> None:
        report(*made_fault("The spine", self.source))
        if not self.source.id:
            report(
                sentence(f"The spine on source '{self.source.name}' has no row id", fix="Declare id= on the source.")
            )

    @property
    def row_id(self) -> str | None:
        """The column that tells rows apart."""
        return self.source.id

    @property
    def columns(self) -> tuple[str, ...]:
        """Row id, ``as_of`` and everything known at the decision."""
        return tuple(dict.fromkeys((str(self.source.id), self.as_of, *self.known)))


@checked
@dataclass(frozen=True)
class Snapshots(Told):
    """Every active key of an entity, once a day, at one time of the day.

    Parameters
    ----------
    source
        Whose events make a key active.
    entity
        The key columns.
    active
        A key is active on a day where an event of it is visible at that day's ``as_of`` and happened in
        [as_of - active, as_of).
    at
        How long after midnight UTC ``as_of`` is.
    as_of
        The name of the column that holds it.
    """

    source: Source
    entity: Column | Columns
    active: Positive
    at: NotNegative = ZERO
    as_of: Column = "as_of"

    def __post_init__(self) -> None:
        keys = (self.entity,) if isinstance(self.entity, str) else tuple(self.entity)
        object.__setattr__(self, "entity", keys)
        where = f"Snapshots of source '{self.source.name}'"
        faults = made_fault("Snapshots", self.source)
        faults += [] if keys else [sentence(f"{where} have no entity", fix="Declare entity='card_id'.")]
        if self.at.micros >= DAY:
            faults.append(
                sentence(
                    f"{where} 'at'",
                    expected="a time of the day, 0 to 24 hours",
                    got=self.at,
                    fix="Write for example at=hours(6).",
                )
            )
        if self.as_of in keys:
            faults.append(sentence(f"{where}: '{self.as_of}' is a key", fix="Name the time otherwise, with as_of=."))
        report(*faults)

    @property
    def row_id(self) -> str | None:
        """None: the keys and ``as_of`` together tell rows apart."""
        return None

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys and ``as_of``, which together are one row."""
        return (*self.entity, self.as_of)
