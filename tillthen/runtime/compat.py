"""What Spark 3.5 and Spark 4 do differently, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyspark
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from tillthen.define.expressions.literals import quoted
from tillthen.runtime.workers import checked_arrays

SPARK_4 = int(pyspark.__version__.split(".")[0]) >= 4

WAITS_IN_JAVA = SPARK_4
"""Whether a function of a partition's columns may run while its rows wait in the JVM: `beside`."""

MADE = "__made"

Work = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.StructArray]]
"""From a partition's batches to as many rows of structs, in any pieces."""


def beside(
    frame: DataFrame, kept: Sequence[Column], where: Column | None, read: Mapping[str, Column], work: Work,
    made: StructType,
) -> DataFrame:  # fmt: skip
    """The columns ``kept`` with what ``work`` makes of the columns ``read``, partition by partition.

    ``work`` gets all rows of the partition and may take them all before it gives any; the result has those ``where``
    that holds. What is kept waits in the JVM, which spills it where it is large.
    """
    from pyspark.sql.pandas.functions import arrow_udf

    names, expected = list(read), to_arrow_schema(made)

    def of_arrays(arrays: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        given = work(pa.RecordBatch.from_arrays(list(columns), names=names) for columns in arrays)
        yield from checked_arrays(given, expected)

    # Not deterministic, so that the condition stays behind it: the rows that go are what features are made of.
    function = arrow_udf(of_arrays, made).asNondeterministic()  # type: ignore[call-overload]
    done = frame.select("*", function(*read.values()).alias(MADE))
    return (done if where is None else done.where(where)).select(*kept, f"{MADE}.*")


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
