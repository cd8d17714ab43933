"""A question, put to the engine."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.pit.asking import point_in_time
from tillthen.pit.conformance.question import TIME, Frame, Question
from tillthen.runtime.failures import worker_errors


def ask(spark: SparkSession, question: Question) -> list[dict[str, Any]]:
    """The engine's rows, in whatever order they come."""
    frame = point_in_time(
        _frame(spark, question.spine),
        question.sets,
        sources={name: _frame(spark, table) for name, table in question.sources.items()},
        on_null_time="keep",
        partitions=2,
    )
    with worker_errors():
        return [row.asDict() for row in frame.collect()]


def _frame(spark: SparkSession, table: Frame) -> DataFrame:
    schema = ", ".join(f"{column.name} {'bigint' if column.type == TIME else column.type}" for column in table.columns)
    frame = spark.createDataFrame(table.rows, schema)
    return frame.select(
        *[
            F.timestamp_micros(column.name).alias(column.name) if column.type == TIME else F.col(column.name)
            for column in table.columns
        ]
    )
