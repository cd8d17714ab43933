from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pyspark.sql import DataFrame

from tillthen.define.arguments.duration import days, hours
from tillthen.define.faults.errors import DataContractError
from tillthen.define.sources.source import Source
from tillthen.sources.events.prepared import prepare

Table = Callable[..., DataFrame]
SOURCE = Source("orders", id="id", event_time="at", known_time="known", retracted_time="gone", versions=True)
COLUMNS = "id string, at timestamp, known timestamp, gone timestamp, v string"
HOUR = 3_600_000_000

# The rows of an id: event, known and retracted hour, value. Then the hours between which each value is known.
CASES = {
    "a version lives until the next is known": (
        [(1, 9, None, "c"), (1, 2, None, "a"), (1, 5, None, "b")],
        {"a": (2, 5), "b": (5, 9), "c": (9, None)},
    ),
    "a retracted version does not bring back the one before": (
        [(1, 2, None, "a"), (1, 5, 7, "b"), (1, 9, None, "c")],
        {"a": (2, 5), "b": (5, 7), "c": (9, None)},
    ),
    "one that is retracted when it arrives still ends the one before": (
        [(1, 2, None, "a"), (1, 5, 5, "b")],
        {"a": (2, 5)},
    ),
    "one without an event time hides the row": (
        [(1, 2, None, "a"), (None, 5, None, "b"), (1, 9, None, "c")],
        {"a": (2, 5), "c": (9, None)},
    ),
    "one that never arrives ends nothing": (
        [(1, 2, None, "a"), (1, None, None, "b")],
        {"a": (2, None)},
    ),
    "identical ones collapse": (
        [(1, 2, None, "a"), (1, 5, None, "b"), (1, 2, None, "a")],
        {"a": (2, 5), "b": (5, None)},
    ),
    "a version may change the event time": (
        [(1, 2, None, "a"), (8, 5, None, "b")],
        {"a": (2, 5), "b": (5, None)},
    ),
}


def hour(n: int | None) -> str | None:
    return None if n is None else f"1970-01-01 {n:02}:00:00Z"


def versions(table: Table, rows: dict[str, list[tuple[object, ...]]]) -> DataFrame:
    return table(COLUMNS, *[(id, *map(hour, times), v) for id, some in rows.items() for *times, v in some])


def lives(frame: DataFrame, source: Source) -> dict[str, dict[str, tuple[int, int | None]]]:
    """By id, the value of each version that is visible at some time and the hours between which it lives."""
    found: dict[str, dict[str, tuple[int, int | None]]] = {}
    for row in prepare(frame, source, ["v"]).frame.collect():
        until = row["__known_to"]
        found.setdefault(row["id"], {})[row["v"]] = (row["__known_from"] // HOUR, until and until // HOUR)
    return found


def test_the_life_of_versions(table: Table):
    frame = versions(table, {name: rows for name, (rows, _) in CASES.items()})
    assert lives(frame, SOURCE) == {name: expected for name, (_, expected) in CASES.items()}


def test_a_deleted_version_hides_the_row(table: Table):
    frame = versions(table, {"x": [(1, 2, None, "a"), (1, 5, None, "b"), (1, 9, None, "c")]})
    source = replace(SOURCE, deleted="deleted")
    assert lives(frame.selectExpr("*", "v = 'b' AS deleted"), source) == {"x": {"a": (2, 5), "c": (9, None)}}


def test_the_delay_moves_arrivals_but_not_retractions(table: Table):
    frame = versions(table, {"x": [(1, 2, 8, "a"), (1, 5, None, "b")], "y": [(1, 2, 4, "c")]})
    assert lives(frame, replace(SOURCE, delay=hours(1))) == {"x": {"a": (3, 6), "b": (6, None)}, "y": {"c": (3, 4)}}
    assert lives(frame, replace(SOURCE, delay=hours(6))) == {"x": {"b": (11, None)}}


def test_the_sequence_orders_versions_that_arrive_at_once(table: Table):
    frame = versions(table, {"x": [(1, 2, None, v) for v in ("b", "c", None)] + [(1, 5, None, "z")]})
    assert lives(frame, replace(SOURCE, sequence="v")) == {"x": {"c": (2, 5), "z": (5, None)}}


def test_a_delay_beyond_the_calendar_is_never_over(table: Table):
    latest = table("id int, at timestamp", (1, "9999-12-31 23:59:59.999999Z"))
    for source in (SOURCE, replace(SOURCE, versions=False)):
        longest = replace(source, known_time="at", retracted_time=None, delay=days(3_650_000))
        (row,) = prepare(latest, longest, []).frame.collect()
        assert row["__known_from"] == row["__event_time"] + 3_650_000 * 86_400 * 10**6


def test_versions_that_nothing_orders_are_refused(table: Table):
    frame = versions(table, {"x": [(1, 2, None, "a"), (1, 2, None, "b"), (1, 5, None, "c")], "y": [(1, 2, None, "d")]})
    with pytest.raises(DataContractError) as refused:
        prepare(frame, SOURCE, ["v"])
    assert str(refused.value) == (
        "Source 'orders': 1 times different versions of one 'id' have one 'known', which no sequence= orders, for "
        "example x at 1970-01-01 02:00:00. Declare sequence=, a column that says which came later."
    )
