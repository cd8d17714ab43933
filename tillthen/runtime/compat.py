"""What Spark 3.5 and Spark 4 do differently, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyspark
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from tillthen.define.rows import quoted

SPARK_4 = int(pyspark.__version__.split(".")[0]) >= 4

MADE = "__made"

Work = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.StructArray]]
"""From a partition's batches to as many rows of structs, in any pieces."""


def beside(frame: DataFrame, kept: str, read: Mapping[str, Column], work: Work, made: StructType) -> DataFrame:
    """The fields of the struct column ``kept`` with what ``work`` makes of other columns, partition by partition.

    ``work`` gets all rows of the partition and may take them all before it gives any; the result has those whose
    ``kept`` is not null. On Spark 4 what is kept waits in the JVM, which spills it where it is large, and only the
    columns ``read`` travel to Python; Spark 3.5 has no such function, so there everything travels.
    """
    names = list(read)
    if not SPARK_4:
        held = frame.schema[kept].dataType
        assert isinstance(held, StructType)
        # Under names of their own: Spark 3.5 would take those of ``read`` for columns of the frame.
        columns = [column.alias(f"__read{i}") for i, column in enumerate(read.values())]
        taken = frame.select(F.col(kept).alias("__kept"), *columns)
        return taken.mapInArrow(_carried(work, names), StructType([*held.fields, *made.fields]))
    from pyspark.sql.pandas.functions import arrow_udf

    def of_arrays(arrays: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        yield from work(pa.RecordBatch.from_arrays(list(columns), names=names) for columns in arrays)

    # Not deterministic, so that the condition stays behind it: the rows that go are what features are made of.
    function = arrow_udf(of_arrays, made).asNondeterministic()  # type: ignore[call-overload]
    done = frame.select(kept, function(*read.values()).alias(MADE)).where(F.col(kept).isNotNull())
    return done.select(f"{kept}.*", f"{MADE}.*")


def _carried(work: Work, names: Sequence[str]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """``work`` on the columns of these names, with the one before them carried around it."""

    def of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held: list[pa.Array] = []

        def read() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                kept, *columns = batch.columns
                held.append(kept)
                yield pa.RecordBatch.from_arrays(columns, names=list(names))

        made = list(work(read()))
        first = 0
        for piece in made:
            rows = pa.chunked_array(held).slice(first, len(piece)).combine_chunks()
            first += len(piece)
            here = rows.is_valid()
            if here.true_count:
                parts = rows.filter(here), piece.filter(here)
                columns = [column for part in parts for column in part.flatten()]
                yield pa.RecordBatch.from_arrays(columns, names=[field.name for part in parts for field in part.type])

    return of_batches


def rebalanced(frame: DataFrame, column: str) -> DataFrame:
    """Rows of one value together, small values sharing a task and large ones split."""
    by = F.col(quoted(column))
    if SPARK_4:
        return frame.hint("rebalance", by)
    # PySpark 3.5 takes no columns in a hint, its JVM does.
    java: Any = frame._jdf
    return DataFrame(java.hint("rebalance", frame._jseq([by._jc.expr()])), frame.sparkSession)  # type: ignore[operator]


def replace_delta(frame: DataFrame, path: str, partition: str, metadata: str, properties: Mapping[str, str]) -> None:
    """Put ``frame`` in place of the Delta table in the folder ``path``, rows and schema, in one commit.

    Delta 3.3 on Spark 3.5 cannot replace the properties of a table that has no name along with it: there they stay out.
    """
    if not SPARK_4:
        writer = frame.write.format("delta").mode("overwrite").partitionBy(partition)
        writer.option("overwriteSchema", "true").option("userMetadata", metadata).save(path)
        return
    table = frame.writeTo(f"delta.{quoted(path)}").using("delta").option("userMetadata", metadata)
    for name, value in properties.items():
        table = table.tableProperty(name, value)
    table.partitionedBy(F.col(partition)).createOrReplace()
