"""The ledger of folds: the last that was noted counts, whatever the clocks of those who noted it said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tillthen.backtest.folds import ledger as ledgers
from tillthen.backtest.folds.ledger import SCHEMA, SCORED, STARTED, Entry, FoldLedger
from tillthen.define.faults.errors import ConfigurationError


@pytest.fixture
def ledger(tmp_path: Path) -> FoldLedger:
    return FoldLedger(str(tmp_path / "folds"), {})


def at(monkeypatch: pytest.MonkeyPatch, minute: int) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2024, 1, 1, 12, minute, tzinfo=tz)

    monkeypatch.setattr(ledgers, "datetime", Clock)


def scored(hash: str) -> Entry:
    return Entry(1, "good", hash, SCORED, {"train": 1}, {"files": {}})


def test_a_void_of_a_driver_whose_clock_is_behind_is_not_undone(ledger: FoldLedger, monkeypatch: pytest.MonkeyPatch):
    at(monkeypatch, 10)
    ledger.note([scored("a")], "ahead")
    at(monkeypatch, 0)
    ledger.void([(1, "good")], "behind")
    assert ledger.entries()[1, "good"].status == STARTED
    ledger.note([scored("b")], "behind")
    assert ledger.entries()[1, "good"] == scored("b")


def test_what_was_noted_before_turns_were_counted_comes_first(ledger: FoldLedger):
    old = {"fold": 1, "model": "good", "status": SCORED, "counts": "{}", "trained": "{}", "metrics": "null",
           "run_id": "r"}  # fmt: skip
    schema = pa.schema([SCHEMA.field(name) for name in SCHEMA.names if name != "sequence"])
    rows = [old | {"hash": hash, "noted_at": datetime(2999, 1, day, tzinfo=UTC)} for hash, day in (("b", 2), ("a", 1))]
    write_deltalake(ledger.path, pa.Table.from_pylist(rows, schema))
    assert ledger.entries()[1, "good"].hash == "b"
    ledger.note([scored("c")], "r")
    assert ledger.entries()[1, "good"].hash == "c"


def test_nothing_is_noted_without_the_lease(tmp_path: Path):
    def lost() -> None:
        raise ConfigurationError("lost")

    ledger = FoldLedger(str(tmp_path / "folds"), {}, lost)
    with pytest.raises(ConfigurationError, match="lost"):
        ledger.note([scored("a")], "r")
    assert ledger.entries() == {}
