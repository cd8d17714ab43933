"""Averages over a ledger whose rows are withdrawn later: Chronon's entities with mutations."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.functions import mean
from tillthen.define.features.window import LIFETIME, Closed
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit.conformance.cases import Case, malformed
from tillthen.pit.conformance.clock import HOUR, Clock, instant, length
from tillthen.pit.conformance.keys import everyone, key_columns
from tillthen.pit.conformance.question import (
    AS_OF,
    ROW,
    TIME,
    Column,
    Frame,
    Output,
    Question,
    Unsupported,
    own_columns,
)

NAME = "ledger"
AVERAGE = "average"


def translate(case: Case) -> Question:
    """The ledger's entries are one source: known 1 us after a strict known time, retracted when they are withdrawn.

    The window's tail is floored to the hour, so an entry leaves it at once for all of an hour: that is a retraction
    too, at the end of the entry's hour plus the window.
    """
    ledger = _Ledger(case)
    own, outputs = own_columns(case.query)
    as_of = [ledger.clock.at(value) for value in case.query.column(case.query.ts)]
    asking, keys = ledger.keys
    return Question(
        spine=Frame((Column(ROW, "bigint", list(range(len(as_of)))), Column(AS_OF, TIME, as_of), *own, *asking)),
        sources={NAME: ledger.frame},
        sets=(ledger.declared([column.name for column in keys]),),
        outputs=(*outputs, Output(f"{ledger.value_name}_average", AVERAGE)),
        words=(ledger.clock.words, ledger.words),
    )


@dataclass(frozen=True)
class _Entry:
    """A row of the ledger that adds a value, and when it is withdrawn."""

    row: int
    event: Fraction
    known: Fraction
    withdrawn: Fraction | None = None


@dataclass(frozen=True)
class _Ledger:
    """The ledger of a case: its key columns, then event time, value, known time and sign."""

    case: Case

    @cached_property
    def _first(self) -> int:
        """The position behind the key columns."""
        columns, keys = self.case.tables[0].columns, self.case.query.key
        if len(columns) != len(keys) + 4:
            raise malformed("ledger.columns", "the keys, event_ts, value, known_ts and sign", list(columns))
        return len(keys)

    def _column(self, index: int) -> list[object]:
        return self.case.tables[0].at(self._first + index)

    @property
    def value_name(self) -> str:
        """The averaged column."""
        name = self.case.tables[0].columns[self._first + 1]
        if self.case.semantics.get("agg") != f"avg({name})":
            raise malformed("semantics.agg", f"'avg({name})'", self.case.semantics.get("agg"))
        return name

    def _strict(self, name: str) -> bool:
        """Whether a bound leaves out the query's own instant."""
        text = str(self.case.semantics.get(name))
        found = re.fullmatch(rf"{name}_ts *(<=?) *query\.ts", text)
        if found is None:
            raise malformed(f"semantics.{name}", f"'{name}_ts < query.ts'", text)
        return found[1] == "<"

    @cached_property
    def entries(self) -> list[_Entry]:
        """Every value, until the first later withdrawal of the same value at the same event time that is left."""
        times = zip(map(instant, self._column(0)), map(instant, self._column(2)), strict=True)
        known = [(at, event, row) for row, (event, at) in enumerate(times) if at is not None and event is not None]
        standing: dict[tuple[object, ...], list[_Entry]] = defaultdict(list)
        entries = []
        for at, event, row in sorted(known, key=lambda entry: (entry[0], -self._sign(entry[2]), entry[2])):
            same = standing[(*self.case.tables[0].rows[row][: self._first], event, self._column(1)[row])]
            if self._sign(row) > 0:
                same.append(_Entry(row, event, at))
            elif same:
                first = same.pop(0)
                entries.append(_Entry(first.row, first.event, first.known, at))
            else:
                raise Unsupported("a withdrawal of a row that is not there is no retraction (contract, 1)")
        return [*entries, *(entry for same in standing.values() for entry in same)]

    def _sign(self, row: int) -> int:
        sign = self._column(3)[row]
        if sign not in (1, -1):
            raise malformed("a ledger row's sign", "1 or -1", sign)
        return 1 if sign == 1 else -1

    def _leaves(self, entry: _Entry) -> Fraction | None:
        """When the hour of the window's tail has passed the entry."""
        window = self.case.semantics.get("window")
        if window is None:
            return None
        return (entry.event // HOUR + 1) * HOUR + length(window, self._text)

    @property
    def _times(self) -> list[object]:
        return [*self.case.query.column(self.case.query.ts), *self._column(0), *self._column(2)]

    @cached_property
    def _text(self) -> bool:
        text = any(isinstance(value, str) for value in self._times)
        if self.case.semantics.get("window") is not None and not text:
            raise Unsupported("a window floored to the hour has no length in plain numbers (contract, 4)")
        return text

    @cached_property
    def clock(self) -> Clock:
        """Of the query and the ledger, and of when entries leave the window."""
        return Clock.of([*self._times, *map(self._leaves, self.entries)], 1)

    @cached_property
    def keys(self) -> tuple[list[Column], list[Column]]:
        """The key's columns of the query and of the entries."""
        rows = [self.case.tables[0].rows[entry.row] for entry in self.entries]
        query = self.case.query
        if not query.key:
            return [everyone(NAME, len(query.rows))], [everyone(NAME, len(rows))]
        pairs = [
            key_columns(f"key{i}", [query.column(name), [row[i] for row in rows]]) for i, name in enumerate(query.key)
        ]
        return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]

    @property
    def frame(self) -> Frame:
        """The source's table."""
        entries, later = self.entries, int(self._strict("known"))
        values = Column.of("value", [self._column(1)[entry.row] for entry in entries])
        if values.type not in ("bigint", "double") or values.text:
            raise Unsupported("an average takes numbers (contract, 5)")
        return Frame(
            (
                Column("event_time", TIME, [self._at(entry.event) for entry in entries]),
                Column("known_time", TIME, [self._at(entry.known) + later for entry in entries]),
                Column("retracted_time", TIME, [self._gone(entry, later) for entry in entries]),
                *self.keys[1],
                values,
            )
        )

    def _at(self, exact: Fraction) -> int:
        return self.clock.places[exact]

    def _gone(self, entry: _Entry, later: int) -> int | None:
        leaves = self._leaves(entry)
        ends = [self._at(entry.withdrawn) + later] if entry.withdrawn is not None else []
        ends += [self._at(leaves)] if leaves is not None else []
        return min(ends, default=None)

    def declared(self, keys: list[str]) -> FeatureSet:
        """The average of every visible entry."""
        source = Source(NAME, event_time="event_time", known_time="known_time", retracted_time="retracted_time")
        closed: Closed = "left" if self._strict("event") else "right"
        made = FeatureSet(NAME, source, tuple(keys), Rows(NAME).select(*keys, "value"), closed=closed)
        return made.features(mean("value").over(LIFETIME).named(AVERAGE))

    @property
    def words(self) -> str:
        """The translation, for people."""
        window = self.case.semantics.get("window")
        tail = f" or at the end of the event's hour + {window}" if window else ""
        known = "1 us after known_ts" if self._strict("known") else "known_ts"
        return f"event_time event_ts, known_time {known}, retracted when withdrawn{tail}; mean of all that is visible"
