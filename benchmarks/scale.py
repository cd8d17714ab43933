"""How time and a worker's memory grow with the number of events, and what of a long history is read."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import tillthen
from benchmarks.data import DAY, START, Shape, events
from benchmarks.measure import Result, in_turns
from benchmarks.memory import worker_peak
from benchmarks.windows import feature_set, ours
from tillthen import Source, count, days
from tillthen import feature_set as declare

SIZES = (5_000_000, 10_000_000, 20_000_000)


def benchmark(spark: SparkSession, folder: Path) -> list[Result]:
    """A line through the times of three sizes, the largest worker at each; then one day's spine of two years."""
    out = str(folder / "scale")
    paths = {f"{rows:,}": events(folder, Shape(rows)) for rows in SIZES}
    memory = []
    for path in paths.values():
        ours(spark, path, feature_set(), out)
        memory.append(worker_peak(spark))
    runs = {name: partial(ours, spark, path, feature_set(), out) for name, path in paths.items()}
    took = [one.seconds for one in in_turns(runs, warm=True).values()]
    slope, start = np.polyfit(SIZES, took, 1)
    off = float(max(abs(np.array(took) / (start + slope * np.array(SIZES)) - 1)))
    times = ", ".join(f"{rows:,}: {seconds:.1f} s" for rows, seconds in zip(SIZES, took, strict=True))
    flat = memory[-1] / memory[0]
    peaks = ", ".join(f"{peak:.0f} MB" for peak in memory)
    return [
        Result("linear in events", round(1 + off, 3), "at most 1.15 times a straight line", off <= 0.15, times),
        Result("memory of a worker at four times the events", round(flat, 3), "at most 1.3", flat <= 1.3, peaks),
        *scanned(spark, folder),
    ]


def scanned(spark: SparkSession, folder: Path) -> list[Result]:
    """Two years of days, a spine of one: rows and bytes that the scan reads, by the whole."""
    table = str(folder / "history")
    shutil.rmtree(table, ignore_errors=True)
    frame = spark.read.parquet(str(events(folder, Shape(2_000_000, days=730)))).withColumn("day", F.to_date("at"))
    frame.repartition("day").write.format("delta").partitionBy("day").save(table)
    last = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + 700 * DAY)
    spine = frame.where((F.col("at") >= last) & (F.col("at") < last + timedelta(days=1))).select("row", "card", "at")

    @declare(source=Source("history", event_time="at", event_date="day"), entity="card")
    def history(rows):  # noqa: ANN001, ANN202
        return rows.select("card", "amount")

    history.features(count().over(days(1), days(30)))
    done = tillthen.point_in_time(
        spine, [history], sources={"history": spark.read.format("delta").load(table)}, as_of="at"
    )
    done.write.format("noop").mode("overwrite").save()
    files, size = read_by(done, table)
    all_files = list(Path(table).rglob("*.parquet"))
    share = size / sum(file.stat().st_size for file in all_files)
    aim = "at most 0.05: 35 of 730 days"
    return [Result("scan of one day's spine", round(share, 4), aim, share <= 0.05,
                   f"{files} of {len(all_files)} files, {size / 1e6:.1f} MB")]  # fmt: skip


def read_by(frame: DataFrame, table: str) -> tuple[int, int]:
    """Files and bytes that the frame's plan reads of a Delta table."""
    names = {
        name.split("?")[0].removeprefix("file:").removeprefix("//") for name in frame.inputFiles() if table in name
    }
    plan = frame._jdf.queryExecution().executedPlan().toString()
    assert "PartitionFilters: [" in plan, plan
    return len(names), sum(Path(name).stat().st_size for name in names)
