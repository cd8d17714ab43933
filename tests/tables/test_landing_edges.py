"""What a real PostgreSQL holds that no increment or no Delta table would keep: landed, or refused and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.tables.postgres import Postgres
from tests.tables.test_landing import config, configured, landed, pytestmark, server
from tillthen.define.faults.errors import DataContractError
from tillthen.runtime.config import Config
from tillthen.tables.landing import land

__all__ = ["config", "pytestmark", "server"]


def test_a_row_without_a_watermark_that_came_later_is_refused_by_count(
    spark: SparkSession, server: Postgres, config: Config
):
    land(spark, config, "payments")
    server.run("INSERT INTO payments VALUES (101, 'x', 1, '2026-03-01', NULL)")
    with pytest.raises(DataContractError, match='watermark "changed_at" is null in 1 rows'):
        land(spark, config, "payments")


@pytest.mark.parametrize("type", ["timestamptz", "timestamp", "date"])
@pytest.mark.parametrize("at_first", [True, False])
def test_a_watermark_before_all_times_is_refused_by_count(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path, type: str, at_first: bool
):
    server.run(f"ALTER TABLE payments ALTER changed_at TYPE {type}")
    if not at_first:
        assert land(spark, config, "payments").rows == 100
    server.run(f"INSERT INTO payments VALUES (101, 'x', 1, '2026-03-01', '-infinity'::{type})")
    with pytest.raises(DataContractError, match='watermark "changed_at" is -infinity or before the year 1 in 1 rows'):
        land(spark, config, "payments")


@pytest.mark.parametrize("far", ["2099-01-01", "infinity"])
@pytest.mark.parametrize("at_first", [True, False])
def test_a_watermark_beyond_now_lands_and_holds_no_later_row_back(
    spark: SparkSession, server: Postgres, config: Config, far: str, at_first: bool
):
    if not at_first:
        assert land(spark, config, "payments").rows == 100
    server.run(f"INSERT INTO payments VALUES (101, 'far', 1, '2026-03-01', '{far}')")
    found = land(spark, config, "payments")
    assert (found.rows, str(found.upto)[:10]) == (101 if at_first else 1, "2026-03-01")
    server.run("INSERT INTO payments VALUES (102, 'new', 1, '2026-03-01', '2026-03-02')")
    assert [land(spark, config, "payments").rows for _ in range(2)] == [1, 0]
    assert len(landed(spark, config)) == 102


def numbers(spark: SparkSession, server: Postgres, tmp_path: Path, type: str, *values: str) -> list[str]:
    rows = ", ".join(f"({i}, {value})" for i, value in enumerate(values))
    server.run("DROP TABLE IF EXISTS payments", f"CREATE TABLE payments (n int, amount {type})",
               f"INSERT INTO payments VALUES {rows}")  # fmt: skip
    given = configured(tmp_path, server, watermark="n", partition_column=None)
    land(spark, given, "payments")
    frame = spark.read.format("delta").load(given.table("payments").path)
    return [str(row.amount) for row in frame.orderBy("n").selectExpr("CAST(amount AS string) amount").collect()]


@pytest.mark.parametrize(
    ("type", "values", "kept"),
    [
        ("numeric(40,2)", ["1.25", "-0.01", "NULL"], ["1.25", "-0.01", "None"]),
        ("numeric", ["1.25", "12345678901234567890.5"],
         ["1.250000000000000000", "12345678901234567890.500000000000000000"]),
        ("numeric(38,10)", ["1.5"], ["1.5000000000"]),
    ],
)  # fmt: skip
def test_decimals_keep_their_scale(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path, type: str, values: list[str], kept: list[str]
):
    assert numbers(spark, server, tmp_path, type, *values) == kept


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("numeric", ["1", "123456789012345678901", "'NaN'"]),
        ("numeric", ["1", "0.1234567890123456789", "123456789012345678901"]),
        ("numeric(40,2)", ["1", "1234567890123456789012345678901234567.25", "9999999999999999999999999999999999999"]),
    ],
)
def test_decimals_that_do_not_fit_are_refused_by_count(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path, type: str, values: list[str]
):
    with pytest.raises(DataContractError, match="'amount' in 2 rows: expected decimal.38,.*, with all") as refused:
        numbers(spark, server, tmp_path, type, *values)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ('"card holder" text, n int', "columns 'card holder': expected names without blanks"),
        ('id int, "ID" int, n int', "'id' is a column more than once, letter case aside"),
    ],
)
def test_columns_that_cannot_land_are_named(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path, columns: str, said: str
):
    server.run("DROP TABLE payments", f"CREATE TABLE payments ({columns})")
    changes: dict[str, Any] = {"watermark": "n", "partition_column": None}
    with pytest.raises(DataContractError, match=said) as refused:
        land(spark, configured(tmp_path, server, **changes), "payments")
    assert "\n" not in str(refused.value)
