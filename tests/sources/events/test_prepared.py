"""`prepare` against section 3 of the contract, restated slowly: who is visible at each instant, by brute force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DataContractError
from tillthen.define.sources.source import Source
from tillthen.sources.events.prepared import FACTS, prepare

INSTANTS = range(-1, 12)
SCHEMA = "id string, event bigint, known bigint, retracted bigint, seq int, deleted boolean, value string"


@dataclass(frozen=True)
class Row:
    id: str
    event: int | None
    known: int | None
    retracted: int | None
    seq: int | None
    deleted: bool | None
    value: str | None


World = list[Row]
TIME = st.none() | st.integers(0, 5)
ROW = st.builds(
    Row, st.sampled_from("ab"), TIME, TIME, TIME, st.none() | st.integers(0, 2), st.sampled_from([None, False, True]),
    st.sampled_from(["x", "y", None]),
)  # fmt: skip
VERSIONS = st.lists(ROW, max_size=6).flatmap(lambda rows: st.permutations(rows + rows[:2]))
EVENTS = st.lists(ROW, max_size=2, unique_by=lambda row: row.id).flatmap(lambda rows: st.permutations(rows + rows[:1]))

VERSIONED = Source("s", id="id", event_time="event", known_time="known", retracted_time="retracted", versions=True,
                   sequence="seq", deleted="deleted", delay=Duration(2))  # fmt: skip
UNORDERED = replace(VERSIONED, sequence=(), deleted=None, delay=Duration(0))
PLAIN = replace(UNORDERED, versions=False, delay=Duration(1))
AT_ONCE = replace(PLAIN, known_time=None)
CASES = {"versioned": (VERSIONED, VERSIONS), "unordered": (UNORDERED, VERSIONS), "plain": (PLAIN, EVENTS),
         "known at once": (AT_ONCE, EVENTS)}  # fmt: skip


def declared(world: World, source: Source) -> World:
    """The rows without what the source does not declare; a known time that is not declared is the event time."""
    return [
        replace(
            row,
            known=row.known if source.known_time else row.event,
            seq=row.seq if source.sequence else None,
            deleted=row.deleted if source.deleted else None,
        )
        for row in world
    ]


def rank(row: Row) -> tuple[int, int]:
    return (row.known, -1 if row.seq is None else row.seq)


def contradicts(world: World, source: Source) -> bool:
    """Whether an id has different rows of which none can be said to count."""
    different = {row for row in declared(world, source) if row.known is not None or not source.versions}
    places = {(row.id, rank(row)) if source.versions else row.id for row in different}
    return len(places) < len(different)


def visible(world: World, source: Source, at: int) -> set[tuple[object, ...]]:
    """Id, value and event time of what can be seen at an instant."""
    arrived = {
        row for row in declared(world, source) if row.known is not None and row.known + source.delay.micros <= at
    }
    if source.versions:
        arrived = {max((row for row in arrived if row.id == id), key=rank) for id in {row.id for row in arrived}}
    shown = {row for row in arrived if (row.retracted is None or row.retracted > at) and not row.deleted}
    return {(row.id, row.value, row.event) for row in shown if row.event is not None}


def reason(row: Row, different: set[Row], source: Source) -> str:
    """Why a row is no event, or "events"."""
    if row.known is None and source.known_time:
        return "null_known_time"
    if source.versions and any(other.id == row.id and row.known == other.known and rank(row) < rank(other)
                               for other in different if other.known is not None):  # fmt: skip
        return "superseded_at_once"
    empty = None not in (row.known, row.retracted) and row.retracted <= row.known + source.delay.micros
    late = {"retracted_before_known": empty, "deleted": row.deleted}
    reasons = {**late, "null_event_time": row.event is None} if source.versions else {
        "null_event_time": row.event is None, **late}  # fmt: skip
    return next((name for name, holds in reasons.items() if holds), "events")


def facts(world: World, source: Source) -> Counter[str]:
    rows = declared(world, source)
    never = [row for row in rows if row.known is None] if source.versions else []
    rest = [row for row in rows if row not in never]
    found = Counter(reason(row, set(rest), source) for row in (*never, *set(rest)))
    found["versions_collapsed" if source.versions else "duplicates_collapsed"] = len(rest) - len(set(rest))
    found["rows"] = len(rows)
    return found


def table(spark: SparkSession, worlds: Iterable[World], partitions: int) -> DataFrame:
    """All worlds in one table: the number of its world begins an id."""
    cells = [
        (f"{n}{row.id}", row.event, row.known, row.retracted, row.seq, row.deleted, row.value)
        for n, world in enumerate(worlds)
        for row in world
    ]
    times = [F.timestamp_micros(name).alias(name) for name in ("event", "known", "retracted")]
    return spark.createDataFrame(cells, SCHEMA).select("id", *times, "seq", "deleted", "value").repartition(partitions)


@pytest.mark.parametrize(("source", "strategy"), CASES.values(), ids=CASES)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_what_is_visible_at_each_instant(spark: SparkSession, source: Source, strategy: object, data: st.DataObject):
    consistent = strategy.filter(lambda world: not contradicts(world, source))
    worlds = data.draw(st.lists(consistent, min_size=30, max_size=50))
    events = prepare(table(spark, worlds, data.draw(st.integers(1, 4))), source, ["value"])
    rows = events.frame.collect()
    for at in INSTANTS:
        expected = {(f"{n}{id}", *rest) for n, w in enumerate(worlds) for id, *rest in visible(w, source, at)}
        known = [row for row in rows if row["__known_from"] <= at]
        shown = [row for row in known if row["__known_to"] is None or at < row["__known_to"]]
        assert Counter((row["id"], row["value"], row["__event_time"]) for row in shown) == Counter(expected)
    assert Counter(events.facts) == sum((facts(world, source) for world in worlds), Counter())
    assert events.facts["events"] == len(rows)


@pytest.mark.parametrize(("source", "strategy"), CASES.values(), ids=CASES)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_contradictions_are_refused(spark: SparkSession, source: Source, strategy: object, data: st.DataObject):
    several = st.lists(ROW, min_size=2, max_size=6).filter(lambda world: contradicts(world, source))
    with pytest.raises(DataContractError, match="different"):
        prepare(table(spark, [data.draw(several)], 2), source, ["value"])


def test_facts_are_the_same_for_every_source(spark: SparkSession):
    for source in (VERSIONED, PLAIN, replace(AT_ONCE, id=None)):
        assert tuple(prepare(table(spark, [], 1), source, []).facts) == (*FACTS, "events")
