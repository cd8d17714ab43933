"""Tables whose files' bounds leave NaN out."""

from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from pyspark.sql import functions as F

import tillthen
from tillthen import Source, count, days, expect, feature_set
from tillthen.quality.gate import screen
from tillthen.runtime.config import TableConfig
from tillthen.sources.reading.bounds import with_nan
from tillthen.sources.reading.read import read_table

NAN, AT = float("nan"), 1_704_067_200_000_000
ROWS = pa.table(
    {
        "id": [1, 2, 3, 4],
        "k": ["a"] * 4,
        "at": pa.array([AT] * 4, pa.timestamp("us", "UTC")),
        "x": [1.0, NAN, -0.0, None],
        "single": pa.array([1.0, NAN, -0.0, None], pa.float32()),
        "of": pa.array([{"x": 1.0, "n": 1, "deep.er": {"y": 1.0}}, {"x": NAN, "n": 1, "deep.er": {"y": NAN}},
                        {"x": -0.0, "n": 1, "deep.er": {"y": -0.0}}, None]),
    }
)  # fmt: skip


@pytest.fixture(params=["parquet", "delta"])
def written(request, spark, tmp_path):
    """A table that pyarrow, or delta-rs, wrote."""
    path = str(tmp_path / "rows")
    if request.param == "delta":
        write_deltalake(path, ROWS)
    else:
        pq.write_table(ROWS, path)
    return TableConfig(format=request.param, path=path)


@pytest.mark.parametrize("column", ["x", "single", "of.x", "of.`deep.er`.y"])
def test_a_filter_keeps_nan_and_the_greatest_is_nan(spark, written, column):
    frame = read_table(spark, written, "rows")
    assert [row.id for row in frame.where(f"{column} > 5").select("id").collect()] == [2]
    (row,) = frame.agg(F.expr(f"max({column})").alias("most"), F.count(column).alias("n")).collect()
    assert (row.n, row.most != row.most) == (3, True)


def test_values_stay_as_they_are_to_the_bit(spark, written):
    plain = spark.read.format(written.format).load(written.path)
    frame = with_nan(plain)
    assert [(f.name, f.dataType) for f in frame.schema] == [(f.name, f.dataType) for f in plain.schema]

    def bits(rows):
        columns = rows.orderBy("id").select("x", "single", F.col("of.x").alias("z"), "of.`deep.er`.y")
        table = pa.Table.from_batches(columns._collect_as_arrow())
        values = [column.to_pylist() for column in table.columns]
        return [[None if value is None else struct.pack(">d", value) for value in column] for column in values]

    assert bits(frame) == bits(plain)


def test_row_logic_conditions_and_gates_keep_rows_with_nan(spark, written):
    plain = spark.read.format(written.format).load(written.path)
    source = Source("rows", id="id", event_time="at", columns={"x": "double"},
                    expect=[expect.holds("x > 5", otherwise="quarantine", at_most=1.0)])  # fmt: skip

    @feature_set(source=source, entity="k")
    def large(rows):
        return rows.where("x > 5").select("k", "x")

    large.features(count().over(days(2)).named("n"), count(where="x > 5").over(days(2)).named("m"))
    spine = spark.createDataFrame([("a",)], "k string").selectExpr("k", f"timestamp_micros({AT + 1}) AS as_of")
    (row,) = tillthen.point_in_time(spine, [large], sources={"rows": plain}).collect()
    assert (row.n, row.m) == (1, 1)
    assert [row.id for row in screen(read_table(spark, written, "rows"), source).collect()] == [2]
