from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import DataFrame

from tillthen.define.faults.errors import DataContractError
from tillthen.define.sources.source import Source
from tillthen.sources.events import duplicates
from tillthen.sources.events.duplicates import FEW
from tillthen.sources.events.prepared import prepare

Table = Callable[..., DataFrame]
SOURCE = Source("payments", id="id", event_time="at")
NOON = "2026-03-01 12:00:00Z"


@pytest.fixture(params=[FEW, 0], ids=["few repeat", "many repeat"], autouse=True)
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether all rows travel for the repeated ids makes no difference."""
    monkeypatch.setattr(duplicates, "FEW", request.param)


def test_identical_rows_of_an_id_collapse(table: Table):
    frame = table("id int, at timestamp, v double", (1, NOON, 5), (1, NOON, 5), (1, NOON, 5), (2, NOON, 5))
    events = prepare(frame, SOURCE, ["v"])
    assert sorted(row["id"] for row in events.frame.collect()) == [1, 2]
    assert events.facts["duplicates_collapsed"] == 2


def test_rows_that_differ_in_what_is_not_read_are_identical(table: Table):
    frame = table("id int, at timestamp, v int, loaded int", (1, NOON, 5, 100), (1, NOON, 5, 200))
    assert prepare(frame, SOURCE, ["v"]).facts["duplicates_collapsed"] == 1


@pytest.mark.parametrize(
    ("type", "one", "other"),
    [
        ("int", 1, 2),
        ("int", None, 0),
        ("double", "0.0", "-0.0"),
        ("boolean", False, None),
        ("string", "", None),
    ],
)
def test_different_rows_of_an_id_are_refused(table: Table, type: str, one: object, other: object):
    frame = table(
        f"id int, at timestamp, v {type}", *[(id, NOON, v) for id in (40, 7, 9, 8) for v in (one, other, one)]
    )
    with pytest.raises(DataContractError) as refused:
        prepare(frame, SOURCE, ["v"])
    assert str(refused.value) == (
        "Source 'payments': 4 values of 'id' have different rows, for example 7 (2 rows), 8 (2 rows), 9 (2 rows). "
        "Remove the wrong rows, or declare versions=True with known_time=."
    )


def test_nulls_are_not_confused_with_their_neighbours(table: Table):
    frame = table("id int, at timestamp, v int, w int", (1, NOON, None, 5), (1, NOON, 5, None))
    with pytest.raises(DataContractError, match="1 values of 'id' have different rows"):
        prepare(frame, SOURCE, ["v", "w"])


@pytest.mark.parametrize("type", ["array(a, b)", "map('k', array(a, b))", "named_struct('x', a, 'y', b)"])
def test_nested_values_are_compared(table: Table, type: str):
    frame = table("id int, at timestamp, a int, b int", (1, NOON, None, 5), (1, NOON, 5, None))
    with pytest.raises(DataContractError, match="different rows"):
        prepare(frame.selectExpr("id", "at", f"{type} v"), SOURCE, ["v"])
    same = table("id int, at timestamp, a int, b int", (1, NOON, None, 5), (1, NOON, None, 5))
    assert prepare(same.selectExpr("id", "at", f"{type} v"), SOURCE, ["v"]).facts["duplicates_collapsed"] == 1


@pytest.mark.parametrize("versions", [False, True])
def test_null_ids_are_refused(table: Table, versions: bool):
    frame = table("id int, at timestamp", (None, NOON), (1, NOON), (None, NOON))
    source = Source("payments", id="id", event_time="at", known_time="at", versions=versions)
    with pytest.raises(DataContractError, match=r"'id' is null in 2 of 3 rows"):
        prepare(frame, source, [])


def test_without_an_id_every_row_is_an_event(table: Table):
    events = prepare(table("at timestamp", (NOON,), (NOON,), (None,)), Source("clicks", event_time="at"), [])
    assert events.frame.count() == 2
    assert events.facts == {**dict.fromkeys(events.facts, 0), "rows": 3, "null_event_time": 1, "events": 2}


def test_names_with_dots_and_spaces(table: Table):
    source = Source("psp", id="row id", event_time="tmsp.utc")
    frame = table("row_id int, at timestamp, 3D_secured int", (1, NOON, 1), (1, NOON, 1))
    events = prepare(frame.toDF("row id", "tmsp.utc", "3D_secured"), source, ["3D_secured"])
    assert events.frame.columns[:3] == ["3D_secured", "row id", "tmsp.utc"]
    assert events.facts["duplicates_collapsed"] == 1
