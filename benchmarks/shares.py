"""Where the seconds go: the same events through one more stage each time; the differences are the stages' shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StructType

import tillthen
from benchmarks.data import Shape, events
from benchmarks.measure import Result, in_turns
from benchmarks.windows import COLUMNS, feature_set


def benchmark(spark: SparkSession, folder: Path, rows: int) -> list[Result]:
    """Print the shares of shuffle, Arrow there and back, kernel and write as rows of a table; there is no rival."""
    frame = spark.read.parquet(str(events(folder, Shape(rows)))).select(*COLUMNS)
    out = mkdtemp(dir=folder)
    table = [_shares(frame, out, wide=wide) for wide in (False, True)]
    print("\n".join(["| features | shuffle | Arrow | kernel | write | all |", "|---|---|---|---|---|---|", *table]))
    return []


def _shares(frame: DataFrame, out: str, *, wide: bool) -> str:
    features = feature_set(wide=wide)
    count = len(features.feature_names)
    spark = frame.sparkSession
    partitions = max(spark.sparkContext.defaultParallelism, -(-frame.count() // 500_000))
    shuffled = frame.repartition(partitions, "card")
    rows = shuffled.select("*", F.unix_micros("at"))
    arrowed = rows.mapInArrow(partial(_padded, count), StructType([*shuffled.schema, *_columns(count)]))
    ours = tillthen.point_in_time(frame, [features], sources={"events": frame}, as_of="at", partitions=partitions)
    took = in_turns({
        "shuffle": lambda: _nowhere(shuffled),
        "and Arrow": lambda: _nowhere(arrowed),
        "and kernel": lambda: _nowhere(ours),
        "and write": lambda: ours.write.mode("overwrite").parquet(f"{out}/shares{count}"),
    })  # fmt: skip
    ends = [0.0, *(one.seconds for one in took.values())]
    cells = [f"{end - start:.1f} s, {(end - start) / ends[-1]:.0%}" for start, end in pairwise(ends)]
    return f"| {' | '.join([str(count), *cells, f'{ends[-1]:.1f} s'])} |"


def _nowhere(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def _columns(count: int) -> StructType:
    made = StructType()
    for i in range(count):
        made = made.add(f"feature{i}", DoubleType())
    return made


def _padded(count: int, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """As many columns as there are features, without computing them, once the whole partition is here."""
    for batch in list(batches):
        column = pa.array(np.arange(len(batch), dtype=np.float64))
        names = [*COLUMNS, *(f"feature{i}" for i in range(count))]
        yield pa.RecordBatch.from_arrays([*batch.columns[: len(COLUMNS)], *[column] * count], names=names)
