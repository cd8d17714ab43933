"""The whole engine against the oracle: sources with versions, many random worlds in one job."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tests.pit.properties.agreement import disagreements, without_overflow
from tests.pit.properties.worlds import TYPES, Row, World, worlds
from tillthen.pit.asking import point_in_time

few = settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def frame(spark: SparkSession, rows: list[Row], columns: list[str]) -> DataFrame:
    """Rows as a frame; microseconds become timestamps."""
    types = {name: TYPES.get(name, ("timestamp" if name == "as_of" else "bigint", None))[0] for name in columns}
    schema = ", ".join(f"{name} {'bigint' if kind == 'timestamp' else kind}" for name, kind in types.items())
    made = spark.createDataFrame([tuple(row[name] for name in columns) for row in rows], schema)
    times = {name: F.timestamp_micros(name) for name, kind in types.items() if kind == "timestamp"}
    return made.withColumns(times)


def check_agreement(spark: SparkSession, world: World) -> None:
    fitting = without_overflow(world)
    spine = frame(spark, world.spine, ["row", "world", "card", "shop", "as_of", "id", "place"])
    source = frame(spark, world.rows, list(TYPES))
    asked = point_in_time(
        spine, fitting.sets, sources={"events": source.repartition(3)}, on_null_time="keep", partitions=3
    )
    got = sorted((row.asDict() for row in asked.drop("as_of").collect()), key=lambda row: row["row"])
    assert disagreements(fitting, got) == []


@few
@given(worlds(many=True))
def test_the_engine_is_the_oracle(spark: SparkSession, world: World):
    check_agreement(spark, world)


@few
@given(worlds(many=True, versions=True))
def test_the_engine_is_the_oracle_on_versions(spark: SparkSession, world: World):
    check_agreement(spark, world)


@pytest.mark.long
@many
@given(worlds(many=True, versions=True))
def test_the_engine_is_the_oracle_on_versions_many_times(spark: SparkSession, world: World):
    check_agreement(spark, world)
