"""Windows of a table over itself and further tables: OpenMLDB's ROWS and ROWS_RANGE frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tillthen.define.features import functions
from tillthen.define.features.aggregation import Aggregation, Features
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit.conformance.cases import Case, Table, check_column, malformed
from tillthen.pit.conformance.clock import Clock, instant
from tillthen.pit.conformance.keys import everyone, grouped_columns
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
from tillthen.pit.conformance.row_frames import Asked, asked_window

NAME = "rows"
NUMBERS = ("bigint", "double")
AGGREGATIONS: dict[str, tuple[Callable[[str], Aggregation], tuple[str, ...]]] = {
    "sum": (functions.sum, NUMBERS),
    "avg": (functions.mean, NUMBERS),
    "min": (functions.min, (*NUMBERS, "boolean", "string")),
    "max": (functions.max, (*NUMBERS, "boolean", "string")),
    "count": (functions.count, (*NUMBERS, "boolean", "string")),
    "distinct_count": (functions.count_distinct, (*NUMBERS, "boolean", "string")),
}


def translate(case: Case) -> Question:
    """The tables are one source, and every row of the query asks from its own place in it.

    Rows of one instant stand 1 us apart: those of the unions first, then the query's in input order. A row of the query
    is two events: one that this row alone sees, retracted 1 us later, and one for the others, known from then on, or
    from the next instant where the current time is excluded. To leave out the current row is to leave out the one; to
    leave out the query's other rows, the other.
    """
    stack = _Stack(case)
    window = asked_window(case, stack.clock, stack.room, len(stack.times))
    selection = _Selection(case, stack, window)
    own, outputs = own_columns(case.query)
    asking, seen = stack.keys
    as_of = stack.times[stack.query_from :]
    return Question(
        spine=Frame((Column(ROW, "bigint", list(range(len(as_of)))), Column(AS_OF, TIME, as_of), *own, *asking)),
        sources={NAME: stack.frame([*seen, *selection.values.values()])},
        sets=(selection.declared([column.name for column in seen]),),
        outputs=tuple(selection.outputs(outputs)),
        words=(stack.clock.words, stack.words, window.words),
    )


@dataclass(frozen=True)
class _Stack:
    """All tables as one, aligned by column name, in the order in which rows of one instant stand."""

    case: Case

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Later unions first, so that the first one stands nearest to the query, as OpenMLDB has it."""
        for table in (self.case.query, *self.case.tables):
            for name in (self._order, *self._partition):
                check_column(name, table)
        return (*reversed(self.case.tables), self.case.query)

    def column(self, name: str) -> list[object]:
        """A column of all tables, null where a table lacks it."""
        return [
            value
            for table in self.tables
            for value in (table.column(name) if name in table.columns else [None] * len(table.rows))
        ]

    @property
    def query_from(self) -> int:
        """The index of the query's first row."""
        return sum(len(table.rows) for table in self.case.tables)

    @cached_property
    def room(self) -> int:
        """More than the rows of any instant."""
        return 1 + max(Counter(map(instant, self.column(self._order))).values(), default=0)

    @cached_property
    def clock(self) -> Clock:
        return Clock.of(self.column(self._order), self.room)

    @cached_property
    def times(self) -> list[int | None]:
        """Each row's time, those of one instant 1 us apart."""
        taken = Counter[int]()
        times: list[int | None] = []
        for place in map(self.clock.at, self.column(self._order)):
            times.append(None if place is None else place + taken[place])
            taken.update(() if place is None else (place,))
        return times

    def _events(self) -> Iterator[tuple[int, int, int | None]]:
        """Index of a row, from when and until when it is known."""
        flags = self.case.semantics
        for i, (time, given) in enumerate(zip(self.times, self.column(self._order), strict=True)):
            place = self.clock.at(given)
            if time is None or place is None:
                continue
            in_query = i >= self.query_from
            if in_query and not flags.get("exclude_current_row"):
                yield i, time, time + 1
            if not (in_query and flags.get("instance_not_in_window")):
                later = place + self.clock.step if flags.get("exclude_current_time") else time + in_query
                yield i, later, None

    def frame(self, columns: list[Column]) -> Frame:
        """The source's table; ``columns`` are over the rows of the stack."""
        events = list(self._events())
        rows = [i for i, _, _ in events]
        return Frame(
            (
                Column("event_time", TIME, [self.times[i] for i in rows]),
                Column("known_time", TIME, [known for _, known, _ in events]),
                Column("retracted_time", TIME, [gone for _, _, gone in events]),
                *(Column(column.name, column.type, [column.values[i] for i in rows]) for column in columns),
            )
        )

    @cached_property
    def keys(self) -> tuple[list[Column], list[Column]]:
        """The partition's columns of the query and of the stack; null is a group of its own, as in SQL."""
        query = self.case.query
        if not self._partition:
            return [everyone(NAME, len(query.rows))], [everyone(NAME, len(self.times))]
        sides = [
            grouped_columns(f"key{i}", [query.column(name), self.column(name)])
            for i, name in enumerate(self._partition)
        ]
        return [c for asking, _ in sides for c in asking], [c for _, seen in sides for c in seen]

    @property
    def _partition(self) -> list[str]:
        return list(self.case.semantics.get("partition") or [])

    @property
    def _order(self) -> str:
        return str(self.case.semantics.get("order"))

    @property
    def words(self) -> str:
        """The translation, for people."""
        flags = self.case.semantics
        seen = "seen by all later rows" if not flags.get("exclude_current_time") else "seen from the next instant on"
        itself = "" if flags.get("exclude_current_row") else ", and by itself"
        query = "seen by itself alone" if flags.get("instance_not_in_window") else f"{seen}{itself}"
        unions = f"; {len(self.case.tables)} unions, {seen}" if self.case.tables else ""
        return f"event_time {self._order}, rows of an instant 1 us apart; each row of the query is {query}{unions}"


@dataclass(frozen=True)
class _Selection:
    """The columns and aggregates that a case selects."""

    case: Case
    stack: _Stack
    window: Asked

    @property
    def _aggregates(self) -> Iterator[tuple[str, str, str]]:
        """Name of the feature, aggregation, column ("" for rows)."""
        for i, item in enumerate(self.case.select):
            if "agg" in item:
                name = item.get("col") or "*"
                yield f"selected{i}", item["agg"], "" if name == "*" else name

    @cached_property
    def values(self) -> dict[str, Column]:
        """The aggregated columns of the stack."""
        names = dict.fromkeys(name for _, _, name in self._aggregates if name)
        return {name: Column.of(f"value{i}", self._values(name)) for i, name in enumerate(names)}

    def _values(self, name: str) -> list[object]:
        check_column(name, self.case.query)
        return self.stack.column(name)

    def declared(self, keys: list[str]) -> FeatureSet:
        """The feature set of all aggregates."""
        source = Source(NAME, event_time="event_time", known_time="known_time", retracted_time="retracted_time")
        columns = [column.name for column in self.values.values()]
        made = FeatureSet(NAME, source, tuple(keys), Rows(NAME).select(*keys, *columns), closed="right")
        return made.features(*(self._feature(*aggregate) for aggregate in self._aggregates))

    def _feature(self, name: str, agg: str, column: str) -> Features:
        if agg not in AGGREGATIONS:
            raise malformed("agg", " or ".join(map(repr, AGGREGATIONS)), agg)
        make, takes = AGGREGATIONS[agg]
        if not column:
            made = functions.count()
        else:
            typed = self.values[column]
            if typed.text or typed.type not in takes:
                raise Unsupported(f"{agg} does not take the values of '{column}' (contract, 5)")
            made = make(typed.name)
        return made.over(self.window.window, offset=self.window.offset).named(name)

    def outputs(self, own: list[Output]) -> Iterator[Output]:
        """What is selected, in order."""
        by_name: Mapping[str, Output] = {output.name: output for output in own}
        for i, item in enumerate(self.case.select):
            column = item.get("col") or "*"
            if "agg" in item:
                yield Output(item.get("as") or f"{item['agg']}({column})", f"selected{i}")
            else:
                check_column(column, self.case.query)
                yield Output(item.get("as") or column, by_name[column].column, by_name[column].text)
