from __future__ import annotations

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tillthen.runtime.compat import SPARK_4
from tillthen.tables.commit import Commit, by_path, latest_version
from tillthen.tables.write import overwrite


def commit(run: str) -> Commit:
    return Commit(run, code_hash="c0de", definitions_hash="def1", inputs={"payments": {"version": 3}}, product="1")


def write(frame, path, run="run", comments=None):
    return overwrite(
        frame, str(path), commit(run), partition="day", properties={"comment": "of cards"}, comments=comments or {}
    )


def days(spark, count, amount=0):
    return spark.range(count).select(
        "id", F.lit(amount).alias("amount"), F.expr("date'2024-01-01' + int(id)").alias("day")
    )


def rows(spark, path):
    return sorted(tuple(row) for row in spark.read.format("delta").load(str(path)).select("id", "amount").collect())


def test_a_table_is_replaced_whole_with_its_schema(spark, tmp_path):
    first = write(days(spark, 3).withColumn("old", F.lit(1)), tmp_path / "t")
    second = write(days(spark, 2, amount=9), tmp_path / "t")
    assert (first.number, first.rows, second.number, second.rows) == (0, 3, 1, 2)
    assert rows(spark, tmp_path / "t") == [(0, 9), (1, 9)]
    assert spark.read.format("delta").load(str(tmp_path / "t")).columns == ["id", "amount", "day"]


def test_the_commit_says_which_run_of_what_made_it(spark, tmp_path):
    write(days(spark, 1), tmp_path / "t", run="first")
    written = write(days(spark, 1), tmp_path / "t", run="second")
    assert written.commit == commit("second")
    assert latest_version(spark, str(tmp_path / "t")) == written


def test_a_commit_of_another_writer_has_no_facts(spark, tmp_path):
    spark.range(1).write.format("delta").option("userMetadata", "by hand").save(str(tmp_path / "t"))
    assert latest_version(spark, str(tmp_path / "t")).commit is None


def test_table_and_columns_carry_their_descriptions(spark, tmp_path):
    path = tmp_path / "a table's folder"
    write(days(spark, 1), path, comments={"amount": "In minor units."})
    detail = spark.sql(f"DESCRIBE DETAIL {by_path(str(path))}").first()
    fields = {field.name: field.metadata for field in spark.read.format("delta").load(str(path)).schema}
    assert detail["partitionColumns"] == ["day"]
    if SPARK_4:
        assert detail["description"] == "of cards"
        assert detail["properties"]["tillthen.definitions_hash"] == "def1"
    assert fields == {"id": {}, "amount": {"comment": "In minor units."}, "day": {}}


def test_a_write_that_fails_on_its_way_leaves_the_old_table(spark, tmp_path):
    write(days(spark, 3), tmp_path / "t")
    late = days(spark, 50).withColumn("amount", F.when(F.col("id") < 49, 1).otherwise(F.raise_error(F.lit("late"))))
    with pytest.raises((PySparkException, Py4JJavaError), match="late"):
        write(late, tmp_path / "t")
    assert rows(spark, tmp_path / "t") == [(0, 0), (1, 0), (2, 0)]


def test_files_that_a_killed_first_write_left_are_no_table_and_no_hindrance(spark, tmp_path):
    days(spark, 3).write.parquet(str(tmp_path / "t" / "day=2024-01-01"))
    (tmp_path / "t" / "_delta_log").mkdir()
    write(days(spark, 2), tmp_path / "t")
    assert rows(spark, tmp_path / "t") == [(0, 0), (1, 0)]


def test_a_day_is_one_file_however_many_tasks_make_it(spark, tmp_path):
    frame = spark.range(1000, numPartitions=8).select("id", F.expr("date'2024-01-01' + int(id % 5)").alias("day"))
    write(frame, tmp_path / "t")
    assert spark.sql(f"DESCRIBE DETAIL {by_path(str(tmp_path / 't'))}").first()["numFiles"] == 5
