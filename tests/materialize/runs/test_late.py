"""Late data: planned without Spark, kept out by default, let in by a restatement; what is pinned stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from shutil import copytree

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.conftest import PAYMENTS
from tests.materialize.nightly import business, night, warehouse
from tillthen import Source
from tillthen.define.faults.errors import DataContractError
from tillthen.materialize.planning.plan import plan
from tillthen.materialize.planning.proposed import as_json, lines
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.build import Wanted, build
from tillthen.materialize.runs.late import _alike
from tillthen.materialize.runs.restate import restate
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days
from tillthen.tables.kept_versions import kept_versions
from tillthen.tables.retention import maintain

NIGHTS = 3


def rows(spark, config, version=None):
    reader = spark.read.format("delta")
    reader = reader if version is None else reader.option("versionAsOf", version)
    return sorted(reader.load(f"{config.warehouse}/cards").collect(), key=str)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return tmp_path_factory.mktemp("late"), business(NIGHTS, 20, seed=8)


@pytest.fixture(scope="module")
def standing(world):
    """A table of two nights; a third batch has landed since, with rows of the nights before."""
    root, landing = world
    config = warehouse(root / "standing", root / "tables")
    for number in range(NIGHTS - 1):
        landing.land(root / "tables", number)
        build(config, config.project(), ["cards"], Wanted(Days(night(number), night(number))))
    landing.land(root / "tables", NIGHTS - 1)
    return config


def test_a_plan_says_what_is_missing_what_would_be_read_and_what_came_late(standing):
    (found,) = plan(standing, standing.project(), ["cards"])
    assert (found.stands, found.missing, found.stale) == ("2024-03-01 to 2024-03-02", ["2024-03-03"], [])
    assert {late.source: (late.since_version, late.now_version) for late in found.late}["payments"] == (0, 2)
    (payments, _) = sorted(found.scans, key=lambda scan: scan.source != "payments")
    assert 0 < payments.bytes <= payments.of_bytes
    said = "\n".join(lines(found))
    assert "missing: 2024-03-03" in said
    assert "kept out unless you 'tillthen restate cards'" in said
    assert json.loads(as_json([found]))[0]["missing"] == ["2024-03-03"]


def test_a_plan_names_changed_features_and_those_that_are_new(standing):
    declared = standing.root / "features" / "cards.py"
    before = declared.read_text()
    try:
        declared.write_text(before.replace('stddev("amount").over(days(7))', 'stddev("amount").over(days(6))'))
        (found,) = plan(standing, standing.project(), ["cards"])
        assert found.changed == ["spending__stddev_amount_7d"]
        declared.write_text(before.replace('rate("fraud").over(days(7))', 'rate("fraud").over(days(7), days(2))'))
        (found,) = plan(standing, standing.project(), ["cards"])
        assert (found.changed, found.stale) == ([], ["2024-03-01 to 2024-03-02"])
    finally:
        declared.write_text(before)


def test_a_restatement_is_what_a_build_that_believes_the_claims_gives_and_can_be_undone(spark, world, standing):
    root, _ = world
    copytree(standing.warehouse, root / "restated" / "wh")  # the others find what they stand on
    restated = warehouse(root / "restated", root / "tables")
    kept_out = rows(spark, restated)
    old = Store(restated, restated.project().table("cards"))
    done = restate(restated, restated.project(), ["cards"])
    assert {one.reason for one in done} == {"late data"}
    believing = warehouse(root / "believing", root / "tables")
    declared = believing.root / "features" / "cards.py"
    declared.write_text(declared.read_text().replace('landed_time="landed",', "").replace("landing=hours(6),", ""))
    build(believing, believing.project(), ["cards"], Wanted(Days(night(0), night(NIGHTS - 2))))
    assert rows(spark, restated) == rows(spark, believing) != kept_out
    assert restate(restated, restated.project(), ["cards"]) == []

    (version,) = kept_versions(restated.warehouse, {})[old.path]
    removed = maintain(old.path, {}, {version}, hours=0, dry_run=False, enforce=False)
    assert removed is not None
    assert removed.kept_versions == (version,)
    assert rows(spark, restated, version) == kept_out


def test_what_no_pin_keeps_goes_and_a_dry_run_only_says_so(spark, world, standing):
    root, _ = world
    config = warehouse(root / "vacuumed", root / "tables")
    span = Days(night(0), night(0))
    for again in (False, True):
        build(config, config.project(), ["cards"], Wanted(span, again=again))
    path = f"{config.warehouse}/cards"
    said = maintain(path, {}, (), hours=0, enforce=False)
    assert said is not None
    assert (said.removed, said.dry_run) == (1, True)
    assert rows(spark, config, 0) == rows(spark, config)
    gone = maintain(path, {}, (), hours=0, dry_run=False, enforce=False)
    assert gone is not None
    assert gone.removed == 1
    with pytest.raises(Exception, match="(?i)not.exist|FAILED_READ_FILE"):
        rows(spark, config, 0)


def test_days_that_were_built_from_a_row_are_not_concerned_by_it(spark, team):
    """A source that does not say when its rows landed: only what came after a day's own version can concern it."""
    table = str(team.root / "wh" / "payments")
    team.conf.write_text("{features: [features/cards.py], warehouse: wh}")
    config = load_config(team.conf)
    day = [date(2024, 1, n) for n in (1, 2)]

    def pay(*rows):
        write_deltalake(table, pa.Table.from_pylist(list(rows)), mode="append")

    def stand(first, last):
        return build(config, config.project(), wanted=Wanted(Days(first, last)))

    def late():
        (found,) = plan(config, config.project())
        return [one.days for one in found.late]

    pay(PAYMENTS[0])
    stand(day[0], day[0])
    pay(*PAYMENTS[1:])
    stand(day[1], day[1])
    assert (late(), restate(config, config.project())) == ([], [])
    pay({"payment": 4, "card": "a", "at": datetime(2024, 1, 2, 1, 30, tzinfo=UTC), "amount": 1})
    assert late() == [str(day[1])]
    (again,) = restate(config, config.project())
    assert (again.days, again.rows) == (str(day[1]), 3)
    assert (late(), restate(config, config.project())) == ([], [])


def test_a_decision_told_on_the_next_day_is_kept_out_of_its_own_and_can_be_let_in(spark, team):
    """A night sees what landed, not what was told; a correction of a decision that was there concerns no row."""
    declared = team.declarations.read_text().replace("count, days,", "count, days, hours,")
    clock = 'event_time="at", known_time="known", landed_time="landed", landing=hours(6), versions=True'
    team.declarations.write_text(declared.replace('event_time="at"', clock))
    team.conf.write_text("{features: [features/cards.py], warehouse: wh}")
    config = load_config(team.conf)

    def paid(payment, at, known, landed):
        times = {"at": at, "known": known, "landed": landed}
        hour = {name: datetime(2024, 1, *time, tzinfo=UTC) for name, time in times.items()}
        return {"payment": payment, "card": "a", "amount": 10 * landed[0], **hour}

    night_one = [paid(1, (1, 12), (1, 12), (2, 2))]
    night_two = [paid(2, (1, 13), (2, 1), (3, 2)), paid(3, (2, 12), (2, 12), (3, 2))]
    night_three = [paid(3, (2, 12), (3, 5), (4, 2)), paid(4, (3, 12), (3, 12), (4, 2))]
    for day, batch in enumerate((night_one, night_two, night_three), 1):
        write_deltalake(str(team.root / "wh" / "payments"), pa.Table.from_pylist(batch), mode="append")
        build(config, config.project(), wanted=Wanted(Days(date(2024, 1, day), date(2024, 1, day))))
    assert [row.payment for row in rows(spark, config)] == [1, 3, 4]
    by_night = rows(spark, config)
    build(config, config.project(), wanted=Wanted(replace=True))
    assert rows(spark, config) == by_night
    (again,) = restate(config, config.project())
    assert (again.days, again.rows) == ("2024-01-01", 2)
    assert restate(config, config.project()) == []


@pytest.mark.parametrize(
    ("before", "now", "went"),
    [
        ({"id": "int", "amount": "int"}, {"id": "bigint", "amount": "int"}, []),
        ({"id": "bigint", "amount": "double"}, {"id": "bigint", "amount": "bigint"}, [(1, "5.0")]),  # as text
        ({"id": "bigint", "amount": "int"}, {"id": "string", "amount": "int"}, None),
        ({"id": "string", "amount": "int"}, {"id": "double", "amount": "int"}, None),
    ],
)
def test_an_id_of_two_versions_of_a_table_may_become_wider_and_nothing_else(spark, before, now, went):
    old, new = (
        spark.sql("SELECT " + ", ".join(f"CAST({value} AS {types[name]}) AS {name}" for name, value in
                                        (("id", 1), ("amount", 5))) + ", TIMESTAMP '2024-01-01' AS at")
        for types in (before, now)
    )  # fmt: skip
    source = Source("payments", id="id", event_time="at")
    if went is None:
        with pytest.raises(DataContractError, match="Source 'payments': 'id': expected .* in an older version of it"):
            _alike(new, old, source)
        return
    came, gone = _alike(new, old, source)
    assert [(row.id, row.amount) for row in gone.exceptAll(came).collect()] == went
