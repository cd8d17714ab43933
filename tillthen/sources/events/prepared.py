"""A source's rows as events with the interval in which each is known: section 3 of the clock contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import CLAIMED, CLOCK, with_clock
from tillthen.sources.events.duplicates import without_duplicates
from tillthen.sources.events.money import read_columns
from tillthen.sources.events.tally import BACK_DATED
from tillthen.sources.events.versions import with_versions
from tillthen.sources.reading.schema import check_columns, declared_types
from tillthen.sources.reading.unreadable import readable

FACTS = (
    "rows",
    "null_known_time",
    "null_event_time",
    "retracted_before_known",
    "duplicates_collapsed",
    "versions_collapsed",
    "superseded_at_once",
    "deleted",
)


NO_RATE = "no_rate"
"""Amounts of the whole table that had no rate of exchange and are null."""


@dataclass(frozen=True)
class Events:
    """A source's events, and what was counted on the way.

    ``frame`` has the columns that were asked for and, in microseconds since the epoch, ``__event_time``,
    ``__known_from`` and ``__known_to`` (null for ever): the event is known at T where known_from <= T < known_to.

    ``facts`` counts ``rows``, then each row that is not an event under the first reason for it, in the order of
    `FACTS` without versions; ``events`` are left. Those of a source with a landed time that are ``back_dated`` are
    counted beside that: they are known later than they claim.
    """

    frame: DataFrame
    facts: dict[str, int]


def prepare(frame: DataFrame, source: Source, reads: Sequence[str]) -> Events:
    """The events of a source's table; ``reads`` are the columns that are used beside those of its clock.

    Raises `DataContractError` where the table contradicts the declaration. Everything is counted and checked in one
    job over the columns that are used.
    """
    where = f"Source '{source.name}'"
    names = tuple(dict.fromkeys((*reads, *source.clock_columns)))
    with readable(where):
        check_columns(frame, source, names, where)
        clocked = with_clock(read_columns(frame, source, names, declared_types(frame, source)), source)
        visible, counted = (with_versions if source.versions else without_duplicates)(clocked, source, names)
    facts = {name: counted.get(name, 0) for name in FACTS}
    facts["events"] = facts["rows"] - sum(facts[name] for name in FACTS[1:])
    facts |= _without_rate(frame, names)
    if source.landed_time:
        facts[BACK_DATED] = counted[BACK_DATED]
    clock = [*CLOCK, CLAIMED] if source.landed_time else CLOCK
    return Events(visible.select(*[F.col(quoted(name)) for name in names], *clock), facts)


def _without_rate(frame: DataFrame, names: Sequence[str]) -> dict[str, int]:
    marks = [field.metadata for field in frame.schema if field.name in names]
    counts = [mark[NO_RATE] for mark in marks if NO_RATE in mark]
    return {NO_RATE: sum(counts)} if counts else {}
