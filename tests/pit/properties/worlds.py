"""Random worlds: a source's rows, a spine, and feature sets, in which every rule of the contract has work to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nan
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tillthen.define.aggregation import KINDS, Aggregation
from tillthen.define.duration import ZERO, Duration
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import Rows
from tillthen.define.source import Source
from tillthen.define.window import LIFETIME, latest

Row = dict[str, Any]
START = 1_700_000_000_000_000
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The ends of the calendar."""

NUMBERS = ("whole", "small", "real", "single", "exact")
TYPES: dict[str, tuple[str, pa.DataType]] = {
    "card": ("string", pa.string()),
    "shop": ("bigint", pa.int64()),
    "id": ("bigint", pa.int64()),
    "at": ("timestamp", pa.int64()),
    "arrived": ("timestamp", pa.int64()),
    "gone": ("timestamp", pa.int64()),
    "place": ("bigint", pa.int64()),
    "deleted": ("boolean", pa.bool_()),
    "whole": ("bigint", pa.int64()),
    "small": ("smallint", pa.int16()),
    "real": ("double", pa.float64()),
    "single": ("float", pa.float32()),
    "exact": ("decimal(38,9)", pa.decimal128(38, 9)),
    "text": ("string", pa.string()),
    "flag": ("boolean", pa.bool_()),
    "bytes": ("binary", pa.binary()),
    "day": ("date", pa.date32()),
}
"""Spark's and Arrow's type of every column; times are microseconds in Arrow."""

EDGES = (0.0, -0.0, 0.1, 0.2, 0.3, 1e16, -1e16, 1e308, -1e308, 5e-324, -5e-324, 2.2250738585072014e-308, nan, inf, -inf)
ODD = ("", "a", "A", "ß", "é", "e\u0301", "\uffff", "\U0001f600", "a\0", "a\0b")


def decimal(units: int) -> Decimal:
    """So many 1e-9, in 38 digits."""
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -9))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-3, 3) | st.sampled_from([-(2**63), 2**63 - 1, 2**62, 2**53 + 1]),
    "small": st.integers(-(2**15), 2**15 - 1),
    "real": st.sampled_from(EDGES) | st.floats(-10, 10) | st.floats(),
    "single": st.sampled_from([0.0, -0.0, 0.5, nan, inf]) | st.floats(width=32),
    "exact": (st.integers(-5, 5) | st.sampled_from([10**38 - 1, 1 - 10**38, 5 * 10**37])).map(decimal),
    "text": st.sampled_from(ODD) | st.text(max_size=3),
    "flag": st.booleans(),
    "bytes": st.sampled_from([b"", b"\0", b"\x7f", b"\x80", b"\xff\0"]),
    "day": st.dates(date(2000, 1, 1), date(2000, 1, 3)),
}


@dataclass(frozen=True)
class World:
    """Declarations over one source, and data for them."""

    source: Source
    sets: list[FeatureSet]
    rows: list[Row]
    spine: list[Row]


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Now and then null."""
    return st.integers(0, 9).flatmap(lambda n: st.none() if n == 0 else values)


def instants(latest_: int) -> st.SearchStrategy[int]:
    """Few instants, so that many are equal; now and then an end of the calendar."""
    near = st.integers(0, latest_).map(lambda n: START + n)
    return st.integers(0, 30).flatmap(lambda n: st.sampled_from([FIRST, LAST]) if n == 0 else near)


@st.composite
def sources(draw: st.DrawFn, *, versions: bool = False) -> Source:
    """A source with some of a clock's columns; versions need an id and a known time."""
    known = versions or draw(st.booleans())
    complete = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + draw(st.integers(0, 6)))
    return Source(
        "events",
        event_time="at",
        id="id" if versions or draw(st.booleans()) else None,
        known_time="arrived" if known else None,
        retracted_time=draw(st.sampled_from([None, "gone"])),
        delay=draw(st.sampled_from([ZERO, Duration(1), Duration(3)])),
        sequence=("place",) if versions else draw(st.sampled_from([(), ("place",)])),
        versions=versions,
        deleted="deleted" if versions and draw(st.booleans()) else None,
        complete_from=draw(st.sampled_from([None])),
        incomplete_windows="null",
    )


@st.composite
def feature_sets(draw: st.DrawFn, source: Source, name: str, entity: tuple[str, ...]) -> FeatureSet:
    """A set of up to six features of any kind over any window."""
    columns = draw(st.permutations(list(VALUES)))[: draw(st.integers(2, len(VALUES)))]
    selected = [*entity, *columns]
    rows = Rows(source.name)
    rows = rows.where("flag") if draw(st.integers(0, 5)) == 0 else rows
    closed = draw(st.sampled_from(["left", "right"]))
    tie = "place" if closed == "right" and draw(st.booleans()) else None
    itself = source.id is not None and draw(st.booleans())
    made = FeatureSet(name, source, entity, rows.select(*selected), closed=closed, within_tie=tie, exclude_self=itself)
    for i in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from([kind for kind in KINDS if takes(kind, columns)]))
        column = draw(st.sampled_from(takes(kind, columns)))
        where = "flag" if "flag" in columns and draw(st.integers(0, 3)) == 0 else None
        asked = Aggregation(kind, column, where).over(
            draw(windows()), offset=draw(st.sampled_from([ZERO, ZERO, Duration(1), Duration(3), Duration(10**18)]))
        )
        fill = {"bigint": 7, "double": 0.5}.get(KINDS[kind].gives)
        asked = asked.fill(fill) if fill is not None and draw(st.booleans()) else asked
        made.features(asked.named(f"{name}_{i}"))
    return made


def takes(kind: str, columns: list[str]) -> list[str | None]:
    """The columns that an aggregation takes; None for count of rows."""
    families = {name: TYPES[name][0].split("(")[0] for name in columns}
    fitting: list[str | None] = [name for name in columns if families[name] in KINDS[kind].takes]
    return [None, *fitting] if kind == "count" else fitting


def windows() -> st.SearchStrategy[Any]:
    """Lengths about as long as the instants are apart, without end, and absurd; the latest few in them."""
    lengths = st.sampled_from([1, 2, 4, 10**19]).map(Duration)
    few = st.builds(latest, st.integers(1, 3), st.integers(0, 2), within=st.none() | lengths)
    return lengths | st.just(LIFETIME) | few


@st.composite
def events(draw: st.DrawFn, source: Source, keys: tuple[str, ...] = ("card", "shop")) -> list[Row]:
    """The source's rows: late, retracted, of no time or key, repeated."""
    row = st.fixed_dictionaries(
        {
            **{key: maybe(KEYS[key]) for key in keys},
            "at": maybe(instants(6)),
            "arrived": maybe(instants(9)),
            "gone": st.none() | instants(9),
            "place": maybe(st.integers(0, 3)),
            "deleted": st.booleans(),
            **{name: maybe(values) for name, values in VALUES.items()},
        }
    )
    rows = draw(st.lists(row, max_size=14))
    ids = draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))) if source.versions else range(14)
    rows = [{**row, "id": id_} for id_, row in zip(ids, rows, strict=False)]
    if source.versions:  # told apart, so that none is refused
        rows = [{**row, "place": place} for place, row in enumerate(rows)]
    again = draw(st.lists(st.sampled_from(rows), max_size=2)) if rows and source.id else []
    return draw(st.permutations([*rows, *again]))


KEYS = {"card": st.sampled_from(["a", "b"]), "shop": st.sampled_from([1, -(2**63)])}


@st.composite
def spines(draw: st.DrawFn, keys: tuple[str, ...] = ("card", "shop")) -> list[Row]:
    """Rows to predict for; their own id and place may be those of an event."""
    row = st.fixed_dictionaries(
        {
            **{key: maybe(KEYS[key]) for key in keys},
            "as_of": maybe(instants(12)),
            "id": maybe(st.integers(0, 5)),
            "place": maybe(st.integers(0, 3)),
        }
    )
    rows = draw(st.lists(row, min_size=1, max_size=8))
    return [{"row": i, **row} for i, row in enumerate(rows)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A source without versions and one or two feature sets of one entity."""
    source = draw(sources())
    entity = draw(st.sampled_from([("card",), ("card", "shop")]))
    names = ["one", "two"][: draw(st.integers(1, 2))]
    sets = [draw(feature_sets(source, name, entity)) for name in names]
    return World(source, sets, draw(events(source)), draw(spines()))
