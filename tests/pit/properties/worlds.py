"""Random worlds: a source's rows, a spine, and feature sets, in which every rule of the contract has work to do.

Declarations and sizes are drawn by hypothesis, which makes them small when something fails; the cells come from a seed,
which makes them many.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nan
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tillthen.define.arguments.duration import ZERO, Duration
from tillthen.define.features.aggregation import KINDS, Aggregation
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import LIFETIME, Leak, latest, leak
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source

LONGEST = Duration(3 * 10**17)
"""Nearly the 10,000 years that a duration may have, longer than the calendar."""

Row = dict[str, Any]
START = 1_700_000_000_000_000
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The ends of the calendar."""

TYPES: dict[str, tuple[str, pa.DataType]] = {
    "world": ("bigint", pa.int64()),
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
    "money": ("double", pa.float64()),
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


def whole(random: Random) -> int:
    """Mostly small, now and then an edge of int64."""
    return random.choice([random.randint(-3, 3)] * 6 + [-(2**63), 2**63 - 1, 2**62, 2**53 + 1])


def real(random: Random) -> float:
    """An edge, a usual number or any 64 bits."""
    bits: float = struct.unpack(">d", random.randbytes(8))[0]
    return random.choice([random.choice(EDGES), random.uniform(-10, 10), float(random.randint(-2, 2)), bits])


def single(random: Random) -> float:
    """Any 32 bits, or a number that others are equal to."""
    bits: float = struct.unpack(">f", random.randbytes(4))[0]
    return random.choice([bits, 0.5, -0.0, 0.0])


def exact(random: Random) -> Decimal:
    """Few units of 1e-9, or nearly as many as 38 digits hold."""
    units = random.choice([random.randint(-5, 5)] * 5 + [10**38 - 1, 1 - 10**38, 5 * 10**37])
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -9))


def money(random: Random) -> float:
    """Amounts in cents, some of them equal; what they differ by is a few powers of two."""
    return random.choice([19.99, random.randint(-100, 100) / 100, random.randint(0, 10**7) / 100])


VALUES: dict[str, Callable[[Random], Any]] = {
    "whole": whole,
    "small": lambda random: random.choice([-(2**15), 2**15 - 1, random.randint(-3, 3)]),
    "real": real,
    "money": money,
    "single": single,
    "exact": exact,
    "text": lambda random: random.choice(
        [random.choice(ODD), chr(random.randrange(0xD800)), chr(random.randrange(0xE000, 0x110000))]
    ),
    "flag": lambda random: random.random() < 0.6,
    "bytes": lambda random: random.choice([b"", b"\0", b"\x7f", b"\x80", b"\xff\0"]),
    "day": lambda random: date(2000, 1, random.randint(1, 3)),
}
PARAMETERS = {None: (None,), "n": (1, 2, 3), "k": (1, 2, 3), "q": (0, 0.1, 0.25, 0.5, 0.9, 0.123456789, 1)}
KEYS = {"card": ("a", "b"), "shop": (1, -(2**63))}


@dataclass(frozen=True)
class World:
    """Declarations over one source, and data for them."""

    source: Source
    sets: list[FeatureSet]
    rows: list[Row]
    spine: list[Row]


seeds = st.integers(0, 2**32 - 1).map(Random)


@st.composite
def sources(draw: st.DrawFn, *, versions: bool = False) -> Source:
    """A source with some of a clock's columns; versions need an id and a known time."""
    complete = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + draw(st.integers(0, 6)))
    return Source(
        "events",
        event_time="at",
        id="id" if versions or draw(st.booleans()) else None,
        known_time="arrived" if versions or draw(st.booleans()) else None,
        retracted_time=draw(st.sampled_from([None, "gone"])),
        delay=draw(st.sampled_from([ZERO, Duration(1), Duration(3)])),
        sequence=("place",) if versions else draw(st.sampled_from([(), ("place",)])),
        versions=versions,
        deleted="deleted" if versions and draw(st.booleans()) else None,
        complete_from=draw(st.sampled_from([None, None, None, complete])),
        incomplete_windows="null",
    )


@st.composite
def feature_sets(draw: st.DrawFn, source: Source, name: str, entity: tuple[str, ...]) -> FeatureSet:
    """A set of up to six features of different kinds over any window."""
    # By a seed: hypothesis would draw the first kinds most.
    kinds = draw(seeds).sample(list(KINDS), draw(st.integers(1, 6)))
    read = {kind: draw(st.sampled_from(takes(kind))) for kind in kinds}
    more = draw(st.sets(st.sampled_from(list(VALUES)), min_size=1, max_size=3))
    columns = [name for name in draw(st.permutations(list(VALUES))) if name in {*read.values(), *more}]
    rows = Rows(source.name).where("flag") if draw(st.integers(0, 5)) == 5 else Rows(source.name)
    closed = draw(st.sampled_from(["left", "right"]))
    tie = "place" if closed == "right" and draw(st.booleans()) else None
    itself = source.id is not None and draw(st.booleans())
    selected = rows.select(*entity, *columns)
    made = FeatureSet(name, source, entity, selected, closed=closed, within_tie=tie, exclude_self=itself)
    for i, (kind, column) in enumerate(read.items()):
        where = "flag" if "flag" in columns and draw(st.integers(0, 3)) == 3 else None
        window = draw(windows())
        offsets = [ZERO] if isinstance(window, Leak) else [ZERO, ZERO, ZERO, Duration(1), Duration(3), LONGEST]
        parameter = draw(st.sampled_from(PARAMETERS[KINDS[kind].parameter]))
        asked = Aggregation(kind, column, where, parameter=parameter)
        asked = asked.over(window, offset=draw(st.sampled_from(offsets)))
        fill = {"bigint": 7, "double": 0.5}.get(KINDS[kind].gives)
        asked = asked.fill(fill) if fill is not None and draw(st.integers(0, 3)) == 3 else asked
        made.features(asked.named(f"{name}_{i}"))
    return made


def takes(kind: str) -> list[str | None]:
    """The columns that an aggregation takes; None where it may have none."""
    fitting: list[str | None] = [name for name in VALUES if TYPES[name][0].split("(")[0] in KINDS[kind].takes]
    return fitting if KINDS[kind].needs_column else [None, *fitting]


def windows() -> st.SearchStrategy[Any]:
    """Lengths about as long as the instants are apart, without end, and absurd; the latest few in them; leaks."""
    lengths = st.sampled_from([1, 2, 4, 8, LONGEST.micros]).map(Duration)
    few = st.builds(latest, st.integers(1, 3), st.integers(0, 2), within=st.none() | lengths)
    return lengths | st.just(LIFETIME) | few | lengths.map(leak)


def events(source: Source, random: Random, size: int) -> list[Row]:
    """The source's rows: late, retracted, without time or key, and some twice."""
    rows = []
    for place in range(size):
        at = instant(random, 6)
        row = {key: maybe(random, random.choice(values)) for key, values in KEYS.items()}
        row |= {"id": random.randrange(1 + size // 3) if source.versions else place, "at": maybe(random, at)}
        row |= {"arrived": maybe(random, at + random.choice([-1, 0, 0, 1, 5]))}
        row |= {"gone": random.choice([None, None, at + random.randint(-1, 8)]), "deleted": random.random() < 0.2}
        # Versions that nothing orders are refused, so each has a place of its own.
        row |= {"place": place if source.versions else maybe(random, random.randint(0, 3))}
        rows.append(row | {name: maybe(random, make(random)) for name, make in VALUES.items()})
    again = random.sample(rows, size // 8) if source.id else []
    return random.sample([*rows, *again], size + len(again))


def spines(random: Random, size: int) -> list[Row]:
    """Rows to predict for; their own id and place may be those of an event."""
    rows = []
    for i in range(size):
        row = {"row": i, **{key: maybe(random, random.choice(values)) for key, values in KEYS.items()}}
        row |= {"as_of": maybe(random, instant(random, 12)), "id": maybe(random, random.randrange(20))}
        rows.append(row | {"place": maybe(random, random.randint(0, 3))})
    return rows


def instant(random: Random, latest_: int) -> int:
    """One of few instants, so that many are equal; now and then an end of the calendar."""
    return random.choice([FIRST, LAST]) if random.random() < 0.03 else START + random.randint(0, latest_)


def maybe(random: Random, value: Any) -> Any:
    """Now and then null."""
    return None if random.random() < 0.08 else value


sizes = st.sampled_from([1, 0, 3, 10, 30])


@st.composite
def worlds(draw: st.DrawFn, *, many: bool = False, versions: bool = False) -> World:
    """A source and one or two feature sets of one entity; or ``many`` such worlds in one, parted by their keys."""
    source = draw(sources(versions=versions))
    entity = (*(["world"] if many else []), *draw(st.sampled_from([("card",), ("card", "shop")])))
    sets = [draw(feature_sets(source, name, entity)) for name in ("one", "two")[: draw(st.integers(1, 2))]]
    random = draw(seeds)
    if not many:
        return World(source, sets, events(source, random, draw(sizes)), spines(random, draw(sizes)))
    rows = [_moved(row, world) for world in range(WORLDS) for row in events(source, random, 8)]
    spine = [_moved(row, world) for world in range(WORLDS) for row in spines(random, 4)]
    return World(source, sets, rows, [{**row, "row": i} for i, row in enumerate(spine)])


WORLDS = 25


def _moved(row: Row, world: int) -> Row:
    """The row in a world of its own, with an id that no other world has."""
    return {"world": world, **row, "id": None if row["id"] is None else 100 * world + row["id"]}
