"""What a table's columns may be: clocks, ids, keys, amounts and outcomes, each guess with its doubt.

Names and contents suggest, they do not prove. Where a wrong guess would let the future in, the cautious one is made: a
column of unknown arrival is no feature, and an outcome without a time of its own counts from long after the event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tillthen.starter.looked import Column, Table
from tillthen.starter.outcomes import Bad, are_bad, bad_value

_HAPPENED = "happen occur event tx trans auth creat purchas order request time date datetime timestamp ts at tmsp when"
_KNOWN = "known ingest receiv record arriv scor process seen observ available"
_LANDED = "load land etl insert import partition"
_ENTITY = "card customer client account user cc pan device terminal merchant shop store issuer bank email phone ip iban"
_AMOUNT = "amount amt value price total sum"
_OUTCOME = "fraud chargeback label target class dispute bad default"
_ID = re.compile(r"(?i)(id|key|uuid|num|no|ref)$")
_LATER = "status response result decision outcome approv declin settle refund reversal reason success score risk"


@dataclass(frozen=True)
class Guess:
    """A column in a role, and what speaks against it, or what was seen."""

    column: Column
    doubt: str = ""

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


@dataclass(frozen=True)
class Proposal:
    """A table's columns by role; what has none is in ``others``, and faults that keep a source from being read.

    ``zoneless`` are the clocks whose times carry no zone.
    """

    table: Table
    id: Guess | None
    event_time: Guess | None
    known_time: Guess | None
    landed_time: Guess | None
    zoneless: tuple[str, ...]
    keys: tuple[Guess, ...]
    amount: Guess | None
    currency: Guess | None
    outcome: Guess | None
    outcome_time: Guess | None
    others: tuple[Guess, ...]
    faults: tuple[str, ...]

    @property
    def bad(self) -> Bad | None:
        """What the outcome's column holds where something went wrong."""
        return bad_value(self.outcome.column, self.table.sample[self.outcome.name]) if self.outcome else None

    @property
    def currencies(self) -> str:
        """The currencies that amounts are in, where these are not one: such amounts do not add up."""
        if self.currency is None or (self.currency.column.distinct == 1 and not self.currency.column.nulls):
            return ""
        return self.currency.doubt + (" and no currency" if self.currency.column.nulls else "")


def propose(table: Table) -> Proposal:
    """Guess the role of each column of a table."""
    free = {column.name: column for column in table.columns}

    def take(guess: Guess | None) -> Guess | None:
        if guess:
            free.pop(guess.name)
        return guess

    columns = list(table.columns)
    event = take(_event_time([column for column in columns if column.is_time]))
    times = [column for column in free.values() if column.is_time]
    landed = take(_by_name(times, _LANDED, "when it came into the table"))
    known = take(_known_time(table, event, [time for time in times if time.name in free]))
    outcome = take(_outcome(table, columns))
    outcome_time = take(_outcome_time(table, outcome, [time for time in times if time.name in free]))
    identity = take(_id(table, list(free.values())))
    keys = tuple(guess for guess in _keys(table, list(free.values())) if take(guess))
    numbers = [column for column in free.values() if column.is_number and column.type and column.distinct > 10]
    amount = take(_amount(numbers))
    currency = take(_currency(table, list(free.values())))
    others = tuple(Guess(column, _why_not(table, column, outcome)) for column in free.values())
    clocks = [guess for guess in (event, known, outcome_time) if guess]
    zoneless = tuple(guess.name for guess in clocks if guess.column.type in ("timestamp_ntz", "date"))
    return Proposal(table, identity, event, known, landed, zoneless, keys, amount, currency, outcome,
                    outcome_time, others, tuple(_faults(table)))  # fmt: skip


def named(column: Column, words: str) -> bool:
    """Whether a word of the column's name begins with one of ``words``."""
    parts = re.sub(r"([a-z])([A-Z])", r"\1_\2", column.name).lower()
    return any(part.startswith(word) for part in re.split(r"[^a-z]+", parts) for word in words.split())


def _by_name(columns: list[Column], words: str, doubt: str) -> Guess | None:
    return next((Guess(column, doubt) for column in columns if named(column, words)), None)


def _event_time(times: list[Column]) -> Guess | None:
    """The instant that is always there; of several, one whose name says that it happened, then the earliest."""
    always = [time for time in times if not time.nulls] or times
    if not always:
        return None
    best = min(always, key=lambda time: (named(time, f"{_KNOWN} {_LANDED}"), not named(time, _HAPPENED),
                                         pa.types.is_date(time.arrow), str(time.least)))  # fmt: skip
    return Guess(best, f"{best.nulls} are null: never visible" if best.nulls else "")


def _known_time(table: Table, event: Guess | None, times: list[Column]) -> Guess | None:
    """A time whose name says that the row could be used from then on, and that is never before the event."""
    for time in times:
        if event and not time.nulls and named(time, _KNOWN) and _never_before(table, event.name, time.name):
            return Guess(time, "could a decision use the row from then on?")
    return None


def _never_before(table: Table, first: str, second: str) -> bool:
    left, right = (table.sample[name].cast(pa.timestamp("us"), safe=False) for name in (first, second))
    return bool(pc.all(pc.less_equal(left, right)).as_py())


def _outcome(table: Table, columns: list[Column]) -> Guess | None:
    """A column of two values whose name says that something went wrong."""
    return _by_name([c for c in columns if bad_value(c, table.sample[c.name]) is not None], _OUTCOME, "")


def _outcome_time(table: Table, outcome: Guess | None, times: list[Column]) -> Guess | None:
    """A time that is there for the bad rows alone."""
    value = bad_value(outcome.column, table.sample[outcome.name]) if outcome else None
    if outcome is None or value is None:
        return None
    bad = are_bad(table.sample[outcome.name], value)
    for time in times:
        there = pc.is_valid(table.sample[time.name])
        if time.nulls and pc.all(pc.or_(bad, pc.invert(there))).as_py():
            return Guess(time, "there for bad rows alone: when the outcome was known?")
    return None


def _id(table: Table, columns: list[Column]) -> Guess | None:
    """The first column that differs in every row but in copies of rows, by preference one whose name ends as ids do."""
    keys = [c for c in columns if c.can_be_key and not c.nulls and c.distinct > 0.5 * c.rows]
    told = {c.name: (0, True) if c.distinct == c.rows else table.repeats(c.name) for c in keys}
    unique = [c for c in keys if told[c.name][1]]
    best = min(unique, key=lambda c: (told[c.name][0], not _ID.search(c.name)), default=None)
    if best is None:
        return None
    copies = told[best.name][0]
    seen = [f"{copies:,} rows are copies of others and count once"] * (copies > 0)
    seen += [f"{best.rows:,} of {table.rows:,} rows looked at"] * (best.rows < table.rows)
    return Guess(best, ", ".join(seen))


def _keys(table: Table, columns: list[Column]) -> list[Guess]:
    """What names an entity and comes back: at most four, those with more different values first."""
    found = [c for c in columns if c.can_be_key and 20 <= c.distinct <= c.rows / 2
             and (named(c, _ENTITY) or re.search(r"(?i)_?id$", c.name))]  # fmt: skip
    found.sort(key=lambda c: -c.distinct)
    return [Guess(c, f"{c.nulls} are null: these match nothing" if c.nulls else "") for c in found[:4]]


def _amount(numbers: list[Column]) -> Guess | None:
    found = _by_name(numbers, _AMOUNT, "")
    if found is None or not found.column.nulls:
        return found
    return Guess(found.column, f"{found.column.nulls:,} have no {found.name}, which costs refuse: they are set aside")


def _currency(table: Table, columns: list[Column]) -> Guess | None:
    for column in columns:
        if column.type == "string" and named(column, "currency ccy cur") and column.distinct < 200:
            values = sorted(value for value in pc.unique(table.sample[column.name]).to_pylist() if value)
            return Guess(column, ", ".join(values[:8]) + (" ..." if len(values) > 8 else ""))
    return None


def _why_not(table: Table, column: Column, outcome: Guess | None) -> str:
    """Why a column may not be known at the decision."""
    if column.type is None:
        return "a type that Spark or a feature cannot use"
    if is_written_time(table, column):
        return "times? write it as a timestamp, and it may be a clock"
    if outcome is None and named(column, _OUTCOME) and not column.is_time:
        return "an outcome? it is no column of true and false, 1 and 0, or Y and N, with both in it and no null"
    if outcome and _tells(table, column, outcome.name):
        return f"each of its values means one {outcome.name}: it was filled in with the outcome"
    if named(column, _LATER) or (column.is_time and column.nulls):
        return "looks as if it were filled in after the decision"
    return ""


def is_written_time(table: Table, column: Column) -> bool:
    """Whether text or integers may be times: of the years 2001 to 2100, in seconds or parts of them."""
    if pa.types.is_integer(column.arrow):
        least, greatest = column.least, column.greatest
        within = isinstance(least, int) and isinstance(greatest, int) and any(
            10**9 * parts <= least and greatest <= 4_102_444_800 * parts for parts in (1, 10**3, 10**6, 10**9)
        )  # fmt: skip
        return within and named(column, f"{_HAPPENED} {_KNOWN}")
    if column.type != "string" or column.nulls == column.rows:
        return False
    text = pc.drop_null(table.sample[column.name].cast(pa.string()))
    return bool(pc.all(pc.match_substring_regex(text, r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}|$)")).as_py())


def _tells(table: Table, column: Column, outcome: str) -> bool:
    """Whether the outcome can be read off a column of few values."""
    if not 2 <= column.distinct <= 50:
        return False
    pairs = table.sample.select([column.name, outcome]).group_by([column.name, outcome]).aggregate([])
    return len(pairs) == column.distinct + (column.nulls > 0)


def _faults(table: Table) -> list[str]:
    found = [f"'{c.name}' is in nanoseconds, which Spark does not have: write it in microseconds"
             for c in table.columns if pa.types.is_timestamp(c.arrow) and c.arrow.unit == "ns"]  # fmt: skip
    found += [f"'{c.name}' holds times beyond the years 1 to 9999" for c in table.columns
              if c.is_time and c.nulls < c.rows and c.least is None]  # fmt: skip
    found += [f"'{c.name}' is a {c.arrow}: keys of this type are refused; write integers or text" for c in table.columns
              if pa.types.is_floating(c.arrow) and named(c, _ENTITY) and c.finest == 0 and c.distinct > 20]  # fmt: skip
    return found
