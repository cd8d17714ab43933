"""Section 3 of the contract: from the raw rows of a source to events and when each is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.source import Source
from tillthen.pit.oracle.order import identity, order

Row = Mapping[str, object]
DAY = 86_400_000_000


@dataclass(frozen=True)
class Event:
    """A row at its event time, known at T where known <= T and (until is None or until > T)."""

    row: Row
    time: int
    known: int
    until: int | None

    def known_at(self, instant: int) -> bool:
        """Rules 2 and 3: it has arrived by then, and is not retracted by then."""
        return self.known <= instant and (self.until is None or self.until > instant)


def events_of(source: Source, rows: Sequence[Row]) -> list[Event]:
    """The events of a source; a row that is never visible is none."""
    if source.id is not None and any(row[source.id] is None for row in rows):
        raise DataContractError(sentence(f"Source '{source.name}': '{source.id}' is null"))
    if source.versions:
        return [event for _, versions in _by_id(source, rows) for event in _versions(source, versions)]
    if source.id is not None:
        rows = [_only(source, same) for _, same in _by_id(source, rows)]
    return [event for row in rows for event in _event(source, row, known_since(source, row), None)]


def _by_id(source: Source, rows: Sequence[Row]) -> Iterable[tuple[object, list[Row]]]:
    name = str(source.id)
    ordered = sorted(rows, key=lambda row: order(row[name]))
    return [(id_, list(same)) for id_, same in groupby(ordered, key=lambda row: row[name])]


def _only(source: Source, same: Sequence[Row]) -> Row:
    """The one row of an id: identical rows collapse into the first that landed, different ones are refused."""
    if len({_content({**row, str(source.landed_time): None}) for row in same}) > 1:
        raise DataContractError(
            sentence(f"Source '{source.name}': '{source.id}' {same[0][str(source.id)]} has different rows")
        )
    known = [(known_since(source, row), row) for row in same]
    return min(known, key=lambda one: (one[0] is None, one[0] or 0))[1]


def _versions(source: Source, rows: Sequence[Row]) -> Iterable[Event]:
    """Rules (a) to (d) of corrections, for one id: each version lives until the next one is known."""
    arrived = {_content(row): row for row in rows if known_since(source, row) is not None}
    versions = sorted(arrived.values(), key=lambda row: _version_order(source, row))
    for row, following in zip_longest(versions, versions[1:]):
        if following is not None and _version_order(source, row) == _version_order(source, following):
            raise DataContractError(
                sentence(f"Source '{source.name}': nothing orders versions of '{source.id}' {row[str(source.id)]}")
            )
        superseded = None if following is None else known_since(source, following)
        if source.deleted is None or row[source.deleted] is not True:
            yield from _event(source, row, known_since(source, row), superseded)


def _version_order(source: Source, row: Row) -> tuple[object, ...]:
    """By known time; of versions that landed late together the one that claims to be later is the later."""
    times = (known_since(source, row), _claimed(source, row))
    return (*map(order, times), *(order(row[name]) for name in source.sequence))


def _event(source: Source, row: Row, known: int | None, superseded: int | None) -> Iterable[Event]:
    """The event of a row that is visible at some time."""
    time = _micros(row[source.event_time])
    retracted = _micros(row[source.retracted_time]) if source.retracted_time else None
    ends = [end for end in (retracted, superseded) if end is not None]
    until = min(ends) if ends else None
    if time is not None and known is not None and (until is None or until > known):
        yield Event(row, time, known, until)


def known_since(source: Source, row: Row) -> int | None:
    """The known time; of a row that did not land in time for the day of its claim, not before it landed."""
    claimed = _claimed(source, row)
    if source.landed_time is None or claimed is None:
        return claimed
    landed = _micros(row[source.landed_time])
    if landed is None:
        return None
    if source.landing is not None and (landed - source.landing.micros) // DAY <= claimed // DAY:
        return claimed
    return max(claimed, landed)


def _claimed(source: Source, row: Row) -> int | None:
    """What the row says: the declared column, else the event time; with the delay."""
    known = _micros(row[source.known_time or source.event_time])
    return None if known is None else known + source.delay.micros


def _micros(value: object) -> int | None:
    assert value is None or isinstance(value, int)
    return value


def _content(row: Row) -> frozenset[tuple[str, object]]:
    return frozenset((name, identity(value)) for name, value in row.items())
