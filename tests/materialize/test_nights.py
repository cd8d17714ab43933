"""Nights one by one, one backfill, and days in any order are the same table."""

from __future__ import annotations

import random

import pytest

from tests.materialize.nightly import business, night, warehouse
from tillthen.define.faults.errors import DataContractError, DefinitionError, UsageError
from tillthen.materialize.runs.build import Wanted, build
from tillthen.tables.days import Days

NIGHTS = 4
TABLES = ("cards", "card_days")


def rows(spark, config, table):
    frame = spark.read.format("delta").load(f"{config.warehouse}/{table}")
    return sorted(frame.collect(), key=str)


def built(config, *nights, tables=TABLES, **how):
    days = Days(night(nights[0]), night(nights[-1]))
    return build(config, config.project(), tables, Wanted(days, **how))


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """All batches, and the warehouse that was built on the way, night by night."""
    root = tmp_path_factory.mktemp("nights")
    world = business(NIGHTS, 30, seed=3)
    config = warehouse(root / "nightly", root / "tables")
    facts = []
    for number in range(NIGHTS):
        world.land(root / "tables", number)
        facts += built(config, number)
    return root, config, facts


def test_late_rows_are_there_and_are_counted(landed):
    _, _, facts = landed
    counted = [one.facts["payments"]["back_dated"] for one in facts if one.table == "cards"]
    assert counted[0] == 0
    assert sum(counted) > 5


def test_nights_are_a_backfill(spark, landed):
    root, nightly, _ = landed
    at_once = warehouse(root / "at once", root / "tables")
    (cards, _) = built(at_once, 0, NIGHTS - 1)
    assert cards.days == f"{night(0)} to {night(NIGHTS - 1)}"
    late = cards.facts["spine"]["back_dated"]  # what no night has seen
    assert [line for line in cards.warnings if f": {late} rows landed" in line and "left out of 'cards'" in line] != []
    for table in TABLES:
        assert rows(spark, nightly, table) == rows(spark, at_once, table) != []


def test_nights_are_days_in_any_order_and_the_whole(spark, landed):
    root, nightly, _ = landed
    shuffled = warehouse(root / "any order", root / "tables")
    numbers = list(range(NIGHTS))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        built(shuffled, number)
    whole = warehouse(root / "whole", root / "tables")
    build(whole, whole.project())
    for table in TABLES:
        expected = rows(spark, nightly, table)
        assert rows(spark, shuffled, table) == expected
        # Built whole, snapshots go on to the last event's day.
        assert [row for row in rows(spark, whole, table) if row.as_of_date <= night(NIGHTS - 1)] == expected


def test_a_day_that_stands_is_left_alone_and_again_it_is_the_same(spark, landed):
    _, config, _ = landed
    assert built(config, 1, 3) == []
    before = rows(spark, config, "cards")
    (again,) = built(config, 2, tables=["cards"], again=True)
    assert (again.reason, again.inputs["payments"]["version"]) == ("again", 2)
    assert rows(spark, config, "cards") == before


def test_without_the_landing_rule_a_backfill_differs(spark, landed):
    """What landed late claims to have been known before: the rule is what keeps it out."""
    root, nightly, _ = landed
    believing = warehouse(root / "believing", root / "tables")
    declared = believing.root / "features" / "cards.py"
    text = declared.read_text().replace('landed_time="landed",', "").replace("landing=hours(6),", "")
    declared.write_text(text)
    built(believing, 0, NIGHTS - 1, tables=["cards"])
    assert rows(spark, believing, "cards") != rows(spark, nightly, "cards")


def test_days_that_have_not_arrived_or_are_not_over_are_refused(landed):
    _, config, _ = landed
    with pytest.raises(DataContractError, match="'payments' has not arrived: days up to 2024-03-05 are wanted"):
        built(config, NIGHTS, tables=["cards"])
    with pytest.raises(UsageError, match="is not over in UTC"):
        Wanted(Days(night(0), night(100_000)))


def test_a_new_feature_is_filled_in_and_a_changed_one_needs_a_version(spark, landed):
    root, nightly, _ = landed
    config = warehouse(root / "evolving", root / "tables")
    built(config, 0, NIGHTS - 1, tables=["cards"])
    declared = config.root / "features" / "cards.py"
    text = declared.read_text()
    declared.write_text(text.replace("count().over(days(7)), rate", "count().over(days(7), days(1)), rate"))
    done = build(config, config.project(), ["cards"], Wanted(chunk=3))
    assert [one.reason for one in done] == ["features added", "features added"]
    kept = spark.read.format("delta").load(f"{config.warehouse}/cards")
    assert kept.where("trouble__count_1d IS NULL").count() == 0
    assert sorted(kept.drop("trouble__count_1d").collect(), key=str) == rows(spark, nightly, "cards")
    declared.write_text(text.replace("count().over(hours(12), days(3))", 'count(where="amount > 5").over(days(3))'))
    with pytest.raises(DefinitionError, match="version 1 is built with other definitions of .* Declare version=2"):
        built(config, 0, tables=["cards"])
    declared.write_text(declared.read_text().replace('"cards", spine', '"cards", version=2, spine'))
    (second,) = built(config, 0, tables=["cards"])
    assert second.path.endswith("cards_v2")
