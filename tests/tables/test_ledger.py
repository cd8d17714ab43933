"""The ledger of days: one order whatever clocks say, one table whatever lies in its folder, small for many days."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from tillthen.tables.commit import Commit
from tillthen.tables.entries import SCHEMA
from tillthen.tables.ledger import Ledger
from tillthen.tables.log import open_log

FIRST = date(2024, 1, 1)
FEATURES = 2_000


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(str(tmp_path / "ledger"), str(tmp_path / "cards"), {})


def build(ledger: Ledger, run: str, *days: int, clock: int = 0, **told: object) -> None:
    """Commit a row for each day, as a driver whose clock is off by so many minutes."""
    named = [FIRST + timedelta(days=day) for day in days]
    commit = Commit(**{"run_id": run, "code_hash": "c", "definitions_hash": "d", "inputs": {}, "product": "1",
                       "span": (str(named[0]), str(named[-1])), "meanings": {"a": "1"}, **told})  # type: ignore[arg-type]  # fmt: skip
    rows = pa.table({"as_of_date": pa.array(named, pa.date32()), "n": [1] * len(named)})
    properties = CommitProperties(custom_metadata={"userMetadata": json.dumps(asdict(commit))})
    write_deltalake(ledger.table, rows, mode="append", partition_by=["as_of_date"], commit_properties=properties)
    newest = max(Path(ledger.table, "_delta_log").glob("*.json"))
    lines = [json.loads(line) for line in newest.read_text().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["timestamp"] += clock * 60_000
    newest.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def runs(ledger: Ledger, version: int | None = None) -> dict[int, str]:
    return {(day - FIRST).days: entry.run_id for day, entry in sorted(ledger.days(version).items())}


def test_the_later_version_stands_though_its_drivers_clock_is_ten_minutes_behind(ledger: Ledger):
    build(ledger, "ahead", 0, 1, clock=10)
    ledger.catch_up()
    build(ledger, "behind", 1)
    ledger.catch_up()
    assert runs(ledger) == {0: "ahead", 1: "behind"}
    assert runs(ledger, 0) == {0: "ahead", 1: "ahead"}


def test_whole_tables_and_days_are_in_the_order_of_versions(ledger: Ledger):
    build(ledger, "days", 0, 1, 2, clock=10)
    rmtree(ledger.table)
    build(ledger, "whole", 0, 1, clock=10, span=None)
    build(ledger, "day", 1)
    ledger.catch_up()
    assert runs(ledger) == {0: "whole", 1: "day"}


@pytest.mark.parametrize("noted", [True, False])
def test_of_a_table_whose_folder_was_removed_nothing_stands_and_a_new_one_starts_anew(ledger: Ledger, noted: bool):
    for n in range(3):
        build(ledger, f"old{n}", n)
    if noted:
        ledger.catch_up()
    rmtree(ledger.table)
    assert runs(ledger) == {}
    build(ledger, "new", 7)
    ledger.catch_up()
    assert runs(ledger) == {7: "new"}
    build(ledger, "newer", 8)
    ledger.catch_up()
    ledger.catch_up()
    assert runs(ledger) == {7: "new", 8: "newer"}
    assert sum(entry.run_id == "newer" for entry in ledger._entries()) == 1


def test_what_was_noted_before_tables_ids_were_kept_is_noted_anew(ledger: Ledger):
    build(ledger, "a", 0)
    build(ledger, "b", 1)
    named = [name for name in SCHEMA.names if name not in ("table", "sequence")]
    before = [
        {"day": FIRST + timedelta(days=n), "status": "built", "rows": 1, "run_id": run, "definitions_hash": "d",
         "code_hash": "c", "meanings": '{"a": "1"}', "inputs": "{}", "restated": False, "version": n,
         "committed_at": datetime(2024, 2, 1, tzinfo=UTC)}
        for n, run in enumerate("ab")
    ]  # fmt: skip
    write_deltalake(ledger.path, pa.Table.from_pylist(before, pa.schema([SCHEMA.field(name) for name in named])))
    assert runs(ledger) == {0: "a", 1: "b"}
    ledger.catch_up()
    assert runs(ledger) == {0: "a", 1: "b"}
    assert {entry.meanings for entry in ledger.days().values()} == {'{"a": "1"}'}
    rmtree(ledger.table)
    build(ledger, "c", 0)
    ledger.catch_up()
    assert runs(ledger) == {0: "c"}


def test_a_failure_is_noted_in_its_turn_and_stands_for_nothing(ledger: Ledger):
    build(ledger, "a", 0)
    ledger.catch_up()
    ledger.fail(Commit("b", "c", "d", {}, "1", (str(FIRST), str(FIRST))), "source late")
    told = [(entry.sequence, entry.status, entry.error) for entry in ledger._entries()]
    assert sorted(told) == [(1, "built", None), (2, "failed", "source late")]
    assert runs(ledger) == {0: "a"}


def test_a_thousand_days_of_two_thousand_features_stay_small(ledger: Ledger):
    meanings = {f"card_spending__mean_amount_{n}d": f"{n:016x}" for n in range(FEATURES)}
    build(ledger, "a", *range(999), meanings=meanings)
    ledger.catch_up()
    build(ledger, "b", 999, meanings=meanings)
    ledger.catch_up()
    found = ledger.days()
    told = {id(entry.meanings): entry.meanings for entry in found.values()}
    assert len(found) == 1000
    assert [json.loads(text) for text in told.values()] == [meanings]
    assert sum(file.stat().st_size for file in Path(ledger.path).rglob("*.parquet")) < 2**20
    log = open_log(ledger.path, {})
    assert log is not None
    kept = [row["meanings"] for row in log.to_pyarrow_table(columns=["meanings"]).to_pylist() if row["meanings"]]
    assert len(kept) == 1
