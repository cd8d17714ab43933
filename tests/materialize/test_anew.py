"""A table whose folder was removed, or that another run writes while it is opened."""

from __future__ import annotations

from datetime import date
from shutil import rmtree

import pytest

from tillthen.materialize.planning.plan import plan
from tillthen.materialize.planning.store import Store
from tillthen.materialize.rows import built_table as opening
from tillthen.materialize.rows.built_table import open_built
from tillthen.materialize.runs.build import Wanted, build
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days

DAYS = [date(2024, 1, 1), date(2024, 1, 2)]


def run(team, *days, **how):
    config = load_config(team.conf)
    return build(config, config.project(), wanted=Wanted(Days(days[0], days[-1]) if days else None, **how))


@pytest.fixture
def store(team):
    config = load_config(team.conf)
    return Store(config, config.project().table("cards"))


def test_a_table_whose_folder_was_removed_is_built_again(spark, team, store):
    run(team, *DAYS)
    rmtree(store.path)
    (found,) = plan(store.config, store.config.project())
    assert found.stands == "nothing"
    (done,) = run(team)
    assert (done.days, done.version, done.rows) == ("all days", 0, 3)
    assert set(store.ledger.days()) == set(DAYS)


def test_days_of_a_table_that_was_made_anew_are_its_own(spark, team, store):
    run(team, *DAYS)
    rmtree(store.path)
    run(team, DAYS[1])
    assert set(store.ledger.days()) == {DAYS[1]}
    (done,) = run(team)
    assert (done.days, done.reason) == (str(DAYS[0]), "new")


def test_rows_commit_and_days_are_of_one_version_whoever_writes_meanwhile(spark, team, store, monkeypatch):
    (first,) = run(team, *DAYS)
    pin = opening.pin

    def pinned(*arguments):
        found = pin(*arguments)
        run(team, DAYS[1], again=True)
        return found

    monkeypatch.setattr(opening, "pin", pinned)
    found = open_built(spark, store.config, store.table, "Backtest 'b'")
    assert (found.pin.version, found.version.number, found.commit.run_id) == (0, 0, first.run_id)
    monkeypatch.undo()
    assert open_built(spark, store.config, store.table, "Backtest 'b'").version.number == 1
