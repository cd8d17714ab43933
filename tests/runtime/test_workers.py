"""A worker's columns are what it was declared to give, or nothing reaches the JVM."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.sql.types import DecimalType, LongType, StringType, StructField, StructType

from tillthen.runtime.workers import WrongColumns, checked_arrays, in_batches

SCHEMA = StructType(
    [StructField("id", LongType(), False), StructField("name", StringType()), StructField("sum", DecimalType(9, 2))]
)
GOOD = pa.RecordBatch.from_pydict({"id": [1], "name": ["a"], "sum": pa.array([Decimal("1.25")], pa.decimal128(9, 2))})


def swapped(batch):
    return pa.RecordBatch.from_arrays(batch.columns, names=["name", "id", "sum"])


def scaled(batch):
    return batch.set_column(2, "sum", pa.array([Decimal("1.255")], pa.decimal128(9, 3)))


def emptied(batch):
    return batch.set_column(0, "id", pa.array([None], pa.int64()))


@pytest.fixture
def frame(spark):
    return spark.range(1, numPartitions=1)


def test_what_is_as_declared_goes_through(frame):
    (row,) = in_batches(frame, lambda batches: (GOOD for _ in batches), SCHEMA).collect()
    assert tuple(row) == (1, "a", Decimal("1.25"))


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (swapped, r"gave the columns \['name', 'id', 'sum'\]"),
        (scaled, r"'sum' as decimal128\(9, 3\), expected decimal128\(9, 2\)"),
        (emptied, "1 nulls in 'id', expected none"),
    ],
)
def test_what_is_not_is_refused(frame, spoiled, told):
    wrong = spoiled(GOOD)
    with pytest.raises(Exception, match=told):
        in_batches(frame, lambda batches: (wrong for _ in batches), SCHEMA).collect()


def test_arrays_of_structs_are_checked_too():
    fields = pa.schema([("a", pa.int64()), ("b", pa.float64())])
    good = pa.StructArray.from_arrays([pa.array([1]), pa.array([1.0])], ["a", "b"])
    nothing = pa.nulls(3)
    assert list(checked_arrays([good, nothing], fields)) == [good, nothing]
    with pytest.raises(WrongColumns, match=r"\['b', 'a'\], expected \['a', 'b'\]"):
        list(checked_arrays([pa.StructArray.from_arrays(list(good.flatten()), ["b", "a"])], fields))


def test_nothing_reaches_the_jvm_another_way():
    """Every function of a worker goes through the one place that checks it."""
    from pathlib import Path

    import tillthen

    root = Path(tillthen.__file__).parent
    calls = ("mapInArrow(", "mapInPandas(", "applyInArrow(", "applyInPandas(", "pandas_udf(", "arrow_udf(", ".udf(")
    found = {
        str(path.relative_to(root)) for path in root.rglob("*.py") if any(call in path.read_text() for call in calls)
    }
    assert found == {"runtime/compat.py", "runtime/workers.py"}
