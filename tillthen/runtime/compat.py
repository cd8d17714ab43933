"""What Spark 3.5 and Spark 4 do differently, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyspark
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.rows import quoted

SPARK_4 = int(pyspark.__version__.split(".")[0]) >= 4


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
