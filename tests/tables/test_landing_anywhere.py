"""Landing from a database that every Spark brings along; tests/tables/test_landing.py needs a PostgreSQL."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.tables.derby import Derby
from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.runtime.compat import SPARK_4
from tillthen.runtime.config import Config
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.tables.landing import land

pytestmark = pytest.mark.skipif(not SPARK_4, reason="Spark 3.5 loses the zones of times: ingest refuses it")
NUMBERS = count()


@pytest.fixture
def database(spark: SparkSession) -> Derby:
    return Derby(spark, f"payments{next(NUMBERS)}")


def configured(root: Path, database: Derby, **changes: Any) -> Config:
    given = {"url": database.url, "table": "payments", "watermark": "N", **changes}
    return Config(root=root, warehouse=str(root), databases={"payments": DatabaseConfig(**given)})


def landed(spark: SparkSession, config: Config) -> list[tuple[Any, ...]]:
    frame = spark.read.format("delta").load(config.table("payments").path)
    return sorted(tuple(row) for row in frame.drop("landed_at").collect())


def test_only_what_came_since_lands_and_nothing_twice(spark: SparkSession, database: Derby, tmp_path: Path):
    database.run("CREATE TABLE payments (n bigint, card varchar(9))", "INSERT INTO payments VALUES (1, 'a'), (2, 'b')")
    config = configured(tmp_path, database, overlap=1, partition_column="N", partitions=2)
    assert land(spark, config, "payments").rows == 2
    database.run("INSERT INTO payments VALUES (1, 'late'), (3, 'c'), (0, 'too late')")
    assert [land(spark, config, "payments").rows for _ in range(2)] == [2, 0]
    assert landed(spark, config) == [(1, "a", 0), (1, "late", 1), (2, "b", 0), (3, "c", 1)]


def test_a_row_without_a_watermark_that_came_later_is_refused_by_count(
    spark: SparkSession, database: Derby, tmp_path: Path
):
    database.run("CREATE TABLE payments (n bigint, card varchar(9))", "INSERT INTO payments VALUES (1, 'a')")
    config = configured(tmp_path, database)
    land(spark, config, "payments")
    database.run("INSERT INTO payments VALUES (NULL, 'x'), (NULL, 'y'), (2, 'b')")
    with pytest.raises(DataContractError, match='watermark "N" is null in 2 rows'):
        land(spark, config, "payments")
    assert landed(spark, config) == [(1, "a", 0)]


@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        ("decimal(31,30)", "1.25", "1.25" + 28 * "0"),
        ("decimal(31,0)", 31 * "9", 31 * "9"),
        ("decimal(5,2)", "-0.01", "-0.01"),
    ],
)
def test_decimals_keep_their_scale(
    spark: SparkSession, database: Derby, tmp_path: Path, type: str, value: str, kept: str
):
    database.run(f"CREATE TABLE payments (n int, amount {type})", f"INSERT INTO payments VALUES (1, {value})")
    config = configured(tmp_path, database)
    land(spark, config, "payments")
    assert str(landed(spark, config)[0][1]) == kept


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ('n int, "card holder" int', "columns 'card holder': expected names without blanks"),
        ('n int, id int, "id" int', "is a column more than once, letter case aside"),
        ('n int, "landing" int', "the name 'landing' is reserved"),
    ],
)
def test_columns_that_cannot_land_are_named(
    spark: SparkSession, database: Derby, tmp_path: Path, columns: str, said: str
):
    database.run(f"CREATE TABLE payments ({columns})")
    with pytest.raises(DataContractError, match=said) as refused:
        land(spark, configured(tmp_path, database), "payments")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"table": "nothing"}, "'NOTHING' does not exist"), ({"watermark": "M"}, "'M' is either not in any table")],
)
def test_what_is_not_there_is_one_line(
    spark: SparkSession, database: Derby, tmp_path: Path, changes: dict[str, str], said: str
):
    database.run("CREATE TABLE payments (n int)")
    with pytest.raises(ConfigurationError, match=said) as refused:
        land(spark, configured(tmp_path, database, **changes), "payments")
    assert "\n" not in str(refused.value)
