"""The rows of a training window by the log odds that a model gives them, counted where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from tillthen.define.expressions.literals import quoted
from tillthen.learn.columns import spark_columns
from tillthen.learn.encoding import Encoding, refuse_infinite
from tillthen.learn.fitted import Fitted
from tillthen.learn.level import Tally
from tillthen.runtime.failures import worker_errors
from tillthen.runtime.workers import in_batches

STEP = 2.0**20
BIN = 2**8
"""Log odds are rounded to 2**-20 and put into bins of 2**-12. Each bin counts with the mean of its own, so that a sum
of probabilities is right to 1e-8 of itself, and being made of integers is the same however the rows are spread."""

BEYOND = 700.0
"""Of infinite log odds, whose probabilities are 0 and 1."""

_SCHEMA = StructType([StructField(name, LongType()) for name in ("bin", "rows", "steps", "positives")])


def matrix(encoding: Encoding) -> Column:
    """The encoding's matrix as one column of arrays, null as NaN."""
    return F.array(*[F.coalesce(column, F.lit(float("nan"))) for column in spark_columns(encoding)])


def tally(rows: DataFrame, features: Column, label: str, fitted: Fitted) -> Tally:
    """Count rows, each once, by what a model has learned of their ``features``, a column of arrays."""
    taken = rows.select(features.alias("features"), F.col(quoted(label)).cast("bigint").alias("label"))
    counted = in_batches(taken, partial(_counted, fitted=fitted), _SCHEMA).groupBy("bin")
    with worker_errors():
        found = counted.agg(*[F.sum(name).alias(name) for name in ("rows", "steps", "positives")]).orderBy("bin")
        table = found.toArrow()
    counts, steps = (table[name].to_numpy().astype(np.float64) for name in ("rows", "steps"))
    return Tally(steps / counts / STEP, counts, float(table["positives"].to_numpy().sum()))


def _counted(batches: Iterator[pa.RecordBatch], *, fitted: Fitted) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if not batch.num_rows:
            continue
        features = batch.column("features").flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1)
        refuse_infinite(fitted.features, features)
        steps = np.rint(np.clip(fitted.scorer.log_odds(features), -BEYOND, BEYOND) * STEP).astype(np.int64)
        bins, at = np.unique(steps // BIN, return_inverse=True)
        sums = {"bin": bins, "rows": np.bincount(at)}
        for name, values in (("steps", steps), ("positives", batch.column("label").to_numpy())):
            total = np.zeros(len(bins), dtype=np.int64)
            np.add.at(total, at, values)
            sums[name] = total
        yield pa.RecordBatch.from_pydict({name: np.asarray(column, dtype=np.int64) for name, column in sums.items()})
