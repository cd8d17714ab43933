"""Drivers that are killed while they work, and drivers that meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.materialize.drivers import driver, finish, kill_drivers
from tests.materialize.nightly import business, night, warehouse
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.build import Wanted, build
from tillthen.tables.commit import latest_version
from tillthen.tables.days import Days

NIGHTS = 3


def rows(spark, config, table="cards"):
    return sorted(spark.read.format("delta").load(f"{config.warehouse}/{table}").collect(), key=str)


def counts(spark, config, table="cards"):
    """The rows of each day as they stand, and as the ledger has them."""
    frame = spark.read.format("delta").load(f"{config.warehouse}/{table}")
    stand = {row.as_of_date: row["count"] for row in frame.groupBy("as_of_date").count().collect()}
    days = Store(config, config.project().table(table)).ledger.days()
    return stand, {day: entry.rows for day, entry in days.items()}


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """Three nights in the tables, and a warehouse that nothing happened to."""
    root, world = tmp_path_factory.mktemp("killed"), business(NIGHTS, 20, seed=5)
    for number in range(NIGHTS):
        world.land(root / "tables", number)
    config = warehouse(root / "calm", root / "tables")
    build(config, config.project(), ["cards"], Wanted(Days(night(0), night(NIGHTS - 1))))
    return root, config


def test_a_backfill_that_is_killed_at_random_moments_ends_as_one_that_is_not(spark, calm):
    root, at_once = calm
    killed = warehouse(root / "killed", root / "tables")
    progress = kill_drivers(killed, ["cards"], NIGHTS, 3, root / "kills.json", float("inf"))
    assert progress.kills == 3
    finish(killed, ["cards"], NIGHTS)
    assert rows(spark, killed) == rows(spark, at_once)
    stand, noted = counts(spark, killed)
    assert stand == noted == counts(spark, at_once)[0]


def meet(root, number):
    """Two drivers at once on one table; their exit codes and what they said."""
    config = warehouse(root / f"meeting{number}", root / "tables")
    span = ("cards", "--from", str(night(0)), "--to", str(night(NIGHTS - 1)), "--chunk", "1")
    with ThreadPoolExecutor(2) as both:
        started = [driver(config, "backfill", *span, *wait) for wait in ((), ("--wait", "600"))]
        return config, list(both.map(lambda one: one.done(), started))


def check_meeting(spark, root, at_once, number):
    config, (hasty, patient) = meet(root, number)
    assert patient[0] == 0, patient[1]
    assert hasty[0] == 0 or (hasty[0] == 3 and "holds" in hasty[1]), hasty[1]
    assert rows(spark, config) == rows(spark, at_once)
    assert latest_version(spark, f"{config.warehouse}/cards").number == NIGHTS - 1  # a commit a night, none twice


@pytest.mark.parametrize("number", [1, 2])
def test_of_two_drivers_one_waits_or_stops_and_nothing_is_lost_or_doubled(spark, calm, number):
    root, at_once = calm
    check_meeting(spark, root, at_once, number)
