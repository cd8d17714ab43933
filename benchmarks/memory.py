"""The memory of Python workers, asked of themselves."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

KB_A_MB = 1024


def worker_peak(spark: SparkSession) -> float:
    """The greatest resident memory of a Python worker since `forget_peaks` or its start, in MB."""
    return max(_each(spark, lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB))


def forget_peaks(spark: SparkSession) -> None:
    """Let the peaks of the workers that live begin anew, where the system can."""
    _each(spark, lambda: Path("/proc/self/clear_refs").write_text("5"))


def _each(spark: SparkSession, ask: Callable[[], float]) -> list[float]:
    """The answers of more tasks than there are workers; in Arrow, as the engine's tasks, to meet the same workers."""

    def answers(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for _ in batches:
            yield pa.record_batch({"answer": pa.array([float(ask())])})

    tasks = 8 * spark.sparkContext.defaultParallelism
    asked = spark.range(0, tasks, 1, tasks).mapInArrow(answers, "answer double")
    return [row["answer"] for row in asked.collect()]
