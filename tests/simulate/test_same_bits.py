"""A world is the same rows, bit for bit, however Spark makes it."""

from __future__ import annotations

import pytest

from tillthen.simulate.answers import attempts
from tillthen.simulate.authorizations import timed
from tillthen.simulate.payments import payments
from tillthen.simulate.world import World

SMALL = {"cards": 60, "days": 30, "fraud": 20, "seed": 5}


def rows(spark, section, partitions=None):
    world = World.of(section)
    made = timed(world, attempts(world, payments(spark, world, partitions))).collect()
    assert len(set(made)) == len(made) > 1_000
    return set(made)


@pytest.fixture(scope="module")
def first(spark):
    return rows(spark, SMALL)


@pytest.mark.parametrize(
    ("partitions", "settings"),
    [
        (1, {"spark.sql.codegen.wholeStage": "false"}),
        (3, {"spark.sql.shuffle.partitions": "5", "spark.sql.adaptive.enabled": "false"}),
        (7, {"spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.codegen.wholeStage": "false"}),
    ],
)
def test_partitions_and_settings_change_no_bit(spark, monkeypatch, first, partitions, settings):
    before = {key: spark.conf.get(key) for key in settings}
    try:
        for key, value in settings.items():
            spark.conf.set(key, value)
        assert rows(spark, SMALL, partitions) == first
    finally:
        for key, value in before.items():
            spark.conf.set(key, value)


def test_another_seed_makes_another_world(spark, first):
    assert not rows(spark, SMALL | {"seed": 6}) & first


def test_a_longer_world_begins_with_the_same_cards(spark, first):
    longer = {row.card: row.issuer for row in rows(spark, SMALL | {"days": 31})}
    assert {row.card: row.issuer for row in first}.items() <= longer.items()
