from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen import count, feature_set, hours, point_in_time
from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.define.sources.source import Source
from tillthen.runtime.config import TableConfig
from tillthen.sources.events.prepared import prepare
from tillthen.sources.reading.read import read_table
from tillthen.tables.pins import pin, pinned

CLICKS = Source("clicks", event_time="id")


def read(spark: SparkSession, path: Path, format: str = "parquet", **options: str) -> DataFrame:
    return read_table(spark, TableConfig(format=format, path=str(path), options=options), "clicks")


@pytest.mark.parametrize("format", ["delta", "parquet", "csv"])
def test_every_format(spark: SparkSession, tmp_path: Path, format: str):
    spark.range(3).write.format(format).option("header", "true").save(str(tmp_path / "t"))
    assert sorted(int(row["id"]) for row in read(spark, tmp_path / "t", format).collect()) == [0, 1, 2]


def test_an_older_version_of_a_delta_table(spark: SparkSession, tmp_path: Path):
    for n in (3, 5):
        spark.range(n).write.format("delta").mode("append").save(str(tmp_path / "t"))
    assert read(spark, tmp_path / "t", "delta", versionAsOf="0").count() == 3


@pytest.mark.parametrize("format", ["delta", "parquet", "csv"])
def test_a_missing_table(spark: SparkSession, tmp_path: Path, format: str):
    with pytest.raises(ConfigurationError) as refused:
        read(spark, tmp_path / "nothing", format)
    assert str(refused.value).startswith(f"Table 'clicks': there is nothing at {tmp_path}/nothing. Correct")


@pytest.mark.parametrize(("format", "expected"), [("delta", "no Delta table"), ("parquet", "no files")])
def test_an_empty_folder(spark: SparkSession, tmp_path: Path, format: str, expected: str):
    with pytest.raises(ConfigurationError, match=expected):
        read(spark, tmp_path, format)


@pytest.mark.parametrize("content", [b"", b"id,at\n1,2\n"])
def test_a_file_that_is_not_parquet(spark: SparkSession, tmp_path: Path, content: bytes):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(
        DataContractError, match=r"t\.parquet holds a file that is not Parquet, or cut short"
    ) as refused:
        read(spark, tmp_path / "t.parquet")
    assert "\n" not in str(refused.value)


def test_a_damaged_parquet_file_is_found_by_the_first_job(spark: SparkSession, tmp_path: Path):
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": pa.array(range(10_000), pa.timestamp("us", "UTC"))}), file)
    content = bytearray(file.read_bytes())
    content[4:2000] = bytes(1996)
    file.write_bytes(content)
    with pytest.raises(DataContractError, match=r"Source 'clicks': .*t\.parquet holds a damaged file") as refused:
        prepare(read(spark, file), CLICKS, [])
    assert "\n" not in str(refused.value)


def test_times_in_nanoseconds_are_refused(spark: SparkSession, tmp_path: Path):
    pq.write_table(pa.table({"id": pa.array([1], pa.timestamp("ns"))}), tmp_path / "t.parquet")
    with pytest.raises(DataContractError, match="holds times in nanoseconds. Write them in microseconds"):
        read(spark, tmp_path / "t.parquet")


def test_a_failure_that_is_not_about_reading_stays_as_it_is(spark: SparkSession, tmp_path: Path):
    (tmp_path / "t.csv").write_text("id\n1\n")
    with pytest.raises(Exception, match="modeless") as raised:
        read(spark, tmp_path, "csv", encoding="modeless", mode="x").collect()
    assert not isinstance(raised.value, DataContractError)


def test_a_day_that_is_generated_in_another_zone_hides_no_row(spark: SparkSession, tmp_path: Path):
    """20:00 UTC is the next day in Tokyo, where the table was written: its partition says so."""
    path = str(tmp_path / "t")
    at = F.lit("2024-01-01T20:00:00Z").cast("timestamp")
    (DeltaTable.create(spark).location(path).addColumn("at", "timestamp").addColumn("k", "string")
     .addColumn("day", "date", generatedAlwaysAs="CAST(at AS DATE)").partitionedBy("day").execute())  # fmt: skip
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        spark.range(1).select(at.alias("at"), F.lit("a").alias("k")).write.format("delta").mode("append").save(path)
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    frame = read(spark, tmp_path / "t", "delta")
    assert [str(row.day) for row in frame.collect()] == ["2024-01-02"]
    near = "at > '2024-01-01 19:00:00' AND at < '2024-01-01 21:00:00'"
    assert frame.where(near).count() == 1
    clicks = Source("clicks", event_time="at", event_date="day")

    @feature_set(source=clicks, entity="k")
    def seen(rows):
        return rows.where(near).select("k")

    seen.features(count().over(hours(1)).named("n"))
    spine = spark.sql("SELECT 'a' AS k, timestamp'2024-01-01T20:30:00Z' AS as_of")
    assert [row.n for row in point_in_time(spine, [seen], sources={"clicks": frame}).collect()] == [1]


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_columns_are_called_as_the_configuration_says(spark: SparkSession, tmp_path: Path, format: str):
    frame = spark.sql("SELECT 1L AS `payment id`, 7L AS `amount (JPY)`, 2L AS rest")
    frame.write.format(format).option("header", "true").save(str(tmp_path / "t"))
    names = {"payment id": "id", "amount (JPY)": "amount"}
    table = TableConfig(format=format, path=str(tmp_path / "t"), rename=names)
    (row,) = read_table(spark, table, "clicks").collect()
    assert {name: int(value) for name, value in row.asDict().items()} == {"id": 1, "amount": 7, "rest": 2}
    for wrong, told in ({"payment": "id"}, "lacks 'payment'"), ({"payment id": "rest"}, "has 'rest' already"):
        with pytest.raises(ConfigurationError, match=told):
            read_table(spark, table.model_copy(update={"rename": wrong}), "clicks")


def test_a_column_called_otherwise_is_another_table(spark: SparkSession, tmp_path: Path):
    spark.sql("SELECT 1L AS a, 2L AS b").write.parquet(str(tmp_path / "t"))
    at, _ = pin(spark, TableConfig(format="parquet", path=str(tmp_path / "t"), rename={"a": "x"}), "clicks")
    with pytest.raises(DataContractError, match="has changed"):
        pinned(spark, TableConfig(format="parquet", path=str(tmp_path / "t"), rename={"b": "x"}), at, "clicks")
