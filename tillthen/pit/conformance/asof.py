"""As-of joins: the latest row at or before each query row's time, within a tolerance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DataContractError
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.functions import count, last, last_non_null
from tillthen.define.features.window import LIFETIME, Closed, WindowLike
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit.conformance.cases import Case, Table, check_column, malformed
from tillthen.pit.conformance.clock import Clock, instant
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


def translate(case: Case) -> Question:
    """Each feature table is a source; its winning row is ``last`` over a window as long as the tolerance.

    Rows of one time stand 1 us apart in the order of the tie break, so that the greatest wins whatever is known when.
    The query's times stand after all of them under "<=", and before them under "<".
    """
    visible = _Visible.of(case)
    features = [_Feature(f"feature{i}", table, case, visible) for i, table in enumerate(case.tables)]
    own, outputs = own_columns(case.query)
    as_of = [visible.as_of(value) for value in case.query.column(case.query.ts)]
    keys = [column for feature in features for column in feature.keys[0]]
    inner = case.choice("join", ["left", "inner"]) == "inner"
    return Question(
        spine=Frame((Column(ROW, "bigint", list(range(len(as_of)))), Column(AS_OF, TIME, as_of), *own, *keys)),
        sources={feature.name: feature.frame for feature in features},
        sets=tuple(feature.declared for feature in features),
        outputs=(*outputs, *(output for feature in features for output in feature.outputs)),
        words=(visible.clock.words, *(feature.words for feature in features)),
        matched=tuple(feature.found for feature in features) if inner else (),
    )


@dataclass(frozen=True)
class _Visible:
    """What a query row may see: the case's clock, bounds and tolerance; ``room`` is where its ties stand."""

    clock: Clock
    room: int
    at_once: bool
    known_bound: str | None
    window: WindowLike

    @classmethod
    def of(cls, case: Case) -> _Visible:
        if case.semantics.get("bound") in (">", ">="):
            raise Unsupported("a row after the query's time is never visible (contract, 3)")
        at_once = case.choice("bound", ["<=", "<"]) == "<="
        known_bound = case.choice("known_bound", [None, "<=", "<"])
        known = [table.column(table.known_ts) for table in case.tables if known_bound and table.known_ts]
        events = [table.column(table.ts) for table in case.tables]
        room = 1 + max((n for values in events for n in Counter(map(instant, values)).values()), default=0)
        times = [case.query.column(case.query.ts), *events, *known]
        clock = Clock.of([value for values in times for value in values], room)
        tolerance, window = case.semantics.get("tolerance"), LIFETIME
        if tolerance is None:
            return cls(clock, room, at_once, known_bound, window)
        oldest = math.floor(clock.grids(tolerance)) * clock.step
        length = Duration(max(oldest + (room + 1 if at_once else 0), 1))
        return cls(clock, room, at_once, known_bound, length)

    def as_of(self, value: object) -> int | None:
        place = self.clock.at(value)
        return None if place is None else place + (self.room if self.at_once else 0)

    def known(self, value: object) -> int | None:
        """When a row counts as known; a strict bound is a shift to 1 us after the query rows of that time."""
        place = self.as_of(value) if self.known_bound == "<" else self.clock.at(value)
        return None if place is None else place + (self.known_bound == "<")


@dataclass(frozen=True)
class _Feature:
    """One feature table under a name that keeps its columns apart from others'."""

    name: str
    table: Table
    case: Case
    visible: _Visible

    @property
    def found(self) -> str:
        """The column that counts the rows that a query row sees."""
        return f"{self.name}_rows"

    @property
    def known_ts(self) -> str | None:
        """The known time's column, where it decides what is visible."""
        return self.table.known_ts if self.visible.known_bound else None

    @cached_property
    def keys(self) -> tuple[list[Column], list[Column]]:
        """The key's columns of the query and of this table: by name where the query has them, else by position."""
        query, table = self.case.query, self.table
        names = table.key if set(table.key) <= set(query.columns) else query.key
        if len(names) != len(table.key):
            raise malformed(f"the key of '{table.name}'", f"{len(names)} columns", list(table.key))
        if not names:
            return [everyone(self.name, len(query.rows))], [everyone(self.name, len(table.rows))]
        pairs = [
            key_columns(f"{self.name}_key{i}", [query.column(ours), table.column(theirs)])
            for i, (ours, theirs) in enumerate(zip(names, table.key, strict=True))
        ]
        return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]

    @cached_property
    def values(self) -> list[Column]:
        """All columns of the table, in order."""
        return [Column.of(f"{self.name}_value{i}", self.table.at(i)) for i in range(len(self.table.columns))]

    @property
    def frame(self) -> Frame:
        """The source's table."""
        times = [self.visible.clock.at(value) for value in self.table.column(self.table.ts)]
        events = [None if time is None else time + slot for time, slot in zip(times, self._slots(times), strict=True)]
        columns = [Column("event_time", TIME, events), *self.keys[1], *self.values]
        if self.known_ts:
            known = [self.visible.known(value) for value in self.table.column(self.known_ts)]
            columns.append(Column("known_time", TIME, known))
        return Frame(tuple(columns))

    def _slots(self, times: Sequence[int | None]) -> list[int]:
        """The place of each row among those of its time; of rows equal in the tie break, the later in input wins."""
        ties = self.table.column(self.tie_break) if self.tie_break else [None] * len(times)
        slots, taken = [0] * len(times), Counter[int | None]()
        for i in sorted(range(len(times)), key=lambda i: (_greatness(ties[i]), i)):
            slots[i] = taken[times[i]]
            taken[times[i]] += 1
        return slots

    @property
    def tie_break(self) -> str | None:
        """The column whose greatest value wins among equal times; without one the known time does."""
        stated = str(self.case.semantics.get("tie_break") or "").removesuffix(" desc")
        named = (self.table.tie_break or "").removesuffix(" desc")
        if not named and stated in self.table.columns:
            named = stated
        if named:
            check_column(named, self.table)
        return named or self.known_ts

    @property
    def declared(self) -> FeatureSet:
        """The winning row of each query row, and how many rows it sees."""
        source = Source(self.name, event_time="event_time", known_time="known_time" if self.known_ts else None)
        keys = tuple(column.name for column in self.keys[1])
        values = [column.name for column in self.values]
        pick = {"row": last, "last_non_null": last_non_null}[self.case.choice("null_policy", ["row", "last_non_null"])]
        closed: Closed = "right" if self.visible.at_once else "left"
        window = self.visible.window
        made = FeatureSet(self.name, source, keys, Rows(self.name).select(*keys, *values), closed=closed)
        made.features(*(pick(name).over(window).named(f"{name}_won") for name in values))
        return made.features(count().over(window).named(self.found))

    @property
    def outputs(self) -> list[Output]:
        """The winning row's columns, under the table's name."""
        pairs = zip(self.table.columns, self.values, strict=True)
        return [Output(f"{self.table.name}.{name}", f"{column.name}_won", column.text) for name, column in pairs]

    @property
    def words(self) -> str:
        """The translation, for people."""
        ties = f"{self.tie_break}, then input" if self.tie_break else "input"
        known = f"; known_time {self.known_ts} {self.visible.known_bound} as_of" if self.known_ts else ""
        policy, tolerance = (
            self.case.choice("null_policy", ["row", "last_non_null"]),
            self.case.semantics.get("tolerance"),
        )
        age = f"age {'>=' if self.visible.at_once else '>'} 0" + ("" if tolerance is None else f" and <= {tolerance}")
        return (
            f"{self.table.name}: event_time {self.table.ts}, ties 1 us apart in the order of {ties}{known}; "
            f"{'last' if policy == 'row' else policy} over {age}: {self.declared.declared[0].window.interval}"
        )


def _greatness(value: object) -> tuple[object, ...]:
    """A value's rank among tie breakers: nulls lowest, then numbers, times and other text."""
    if value is None or isinstance(value, bool | int | float):
        return (0, 0) if value is None else (1, value)
    try:
        return (2, instant(value))
    except DataContractError:
        return (3, str(value))
