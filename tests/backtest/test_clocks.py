"""Two drivers whose clocks are ten minutes apart, end to end: what was done last stands, whoever did it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.backtest.conftest import DECLARATIONS, built, payments
from tillthen.backtest.audits.job import audit
from tillthen.backtest.folds.ledger import FoldLedger
from tillthen.backtest.run import run_backtests
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.build import Wanted, build
from tillthen.tables import lease

MINUTES = 10
CLOCKS = ("tillthen.backtest.folds.ledger", "tillthen.backtest.turns", "tillthen.materialize.runs.run",
"tillthen.materialize.runs.piece",
          "tillthen.materialize.runs.telling", "tillthen.tables.ledger")  # fmt: skip


class Ahead(datetime):
    """A clock that is ahead."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(minutes=MINUTES)


@contextmanager
def ahead(store: Store):
    """The block runs on a driver whose clock is ahead: so are the times of what it commits."""
    before = versions(store)
    with pytest.MonkeyPatch.context() as patched:
        for module in CLOCKS:
            patched.setattr(f"{module}.datetime", Ahead)
        own = lease.time
        patched.setattr(lease, "time", lambda: own() + 60 * MINUTES)
        yield
    for path in versions(store) - before:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        for line in lines:
            if "commitInfo" in line:
                line["commitInfo"]["timestamp"] += 60_000 * MINUTES
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        path.with_name(f".{path.name}.crc").unlink(missing_ok=True)


def versions(store: Store) -> set[Path]:
    return set(Path(store.path, "_delta_log").glob("*.json"))


def test_the_last_stands_though_its_drivers_clock_is_ten_minutes_behind(spark, tmp_path, monkeypatch):
    config, project = built(tmp_path, "small", payments(), DECLARATIONS)
    table, small = project.table("payment_features"), project.backtest("small")
    store, folder = Store(config, table), config.records / "backtests" / "small"

    # The days: built ahead, then again behind.
    with ahead(store):
        build(config, project, wanted=Wanted(replace=True))
    store.ledger.catch_up()
    (first,) = {entry.run_id for entry in store.ledger.days().values()}
    (done,) = build(config, project, wanted=Wanted(replace=True))
    assert done.run_id < first  # the names of runs hold their drivers' clocks
    assert {(entry.run_id, entry.version) for entry in store.ledger.days().values()} == {(done.run_id, done.version)}

    # The folds: scored ahead; a run of other declarations dies behind, with its scores written.
    with ahead(store):
        run_backtests(config, project, ["small"])
        audit(config, project, [], 5, 0)
    facts = (folder / "facts.json").read_bytes()
    assert json.loads(facts)["provenance"]["run"] == {"built_by": done.run_id}
    note = FoldLedger.note

    def dying(ledger, entries, run_id):
        if entries[0].status == "scored":
            raise KeyboardInterrupt
        note(ledger, entries, run_id)

    models = [small.models[0], replace(small.models[1], calibration="beta")]
    changed = replace(project, backtests={"small": replace(small, models=models)})
    monkeypatch.setattr(FoldLedger, "note", dying)
    with pytest.raises(KeyboardInterrupt):
        run_backtests(config, changed, ["small"])
    monkeypatch.undo()
    (folder / "facts.json").unlink()
    last, _ = audit(config, project, [], 7, 0)
    run_backtests(config, project, ["small"])
    again = json.loads((folder / "facts.json").read_bytes())
    assert again["models"] == json.loads(facts)["models"]  # not the scores of the run that died
    assert again["protocol"]["audit"]["run_id"] == last.parent.name
