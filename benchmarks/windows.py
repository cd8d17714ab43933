"""The engine against what Spark alone needs to shuffle, sort and write as many columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import tillthen
from benchmarks.data import DAYS, Shape, events
from benchmarks.measure import Result, at_most, in_turns
from benchmarks.memory import forget_peaks, worker_peak
from tillthen import FeatureSet, Source, count, count_distinct, days, hours, last, stddev
from tillthen import max as greatest
from tillthen import min as least
from tillthen import sum as total
from tillthen.define.sources.rows import Rows

HOT = 0.18
WINDOWS = (hours(1), days(1), days(7), days(30))
COLUMNS = ["row", "card", "at", "amount", "money", "merchant"]


def feature_set(value: str = "amount", *, wide: bool = False, late: bool = False) -> FeatureSet:
    """Four windows of count, sum and stddev; ``wide`` ones of min, max, last and count_distinct too."""
    clock = {"known_time": "known", "retracted_time": "gone"} if late else {}
    source = Source("events", event_time="at", **clock)
    made = FeatureSet("f", source, ("card",), Rows("events").select("card", value, "merchant"))
    made.features(count().over(*WINDOWS), total(value).over(*WINDOWS), stddev(value).over(*WINDOWS))
    if wide:
        made.features(least(value).over(*WINDOWS), greatest(value).over(*WINDOWS), last(value).over(*WINDOWS),
                      count_distinct("merchant").over(*WINDOWS))  # fmt: skip
    return made


def ours(spark: SparkSession, path: Path, features: FeatureSet, out: str) -> None:
    """The events as their own spine, with features, to Parquet."""
    further = [name for name in features.source.clock_columns if name not in COLUMNS]
    frame = spark.read.parquet(str(path)).select(*COLUMNS, *further)
    done = tillthen.point_in_time(frame, [features], sources={"events": frame}, as_of="at")
    done.drop(*further).write.mode("overwrite").parquet(out)


def floor(spark: SparkSession, path: Path, dummies: int, out: str) -> None:
    """The same rows shuffled by card, sorted by time, and as many columns of numbers that differ from row to row."""
    frame = spark.read.parquet(str(path)).select(*COLUMNS)
    partitions = max(spark.sparkContext.defaultParallelism, -(-frame.count() // 500_000))
    frame = frame.repartition(partitions, "card").sortWithinPartitions("card", "at")
    frame.select("*", *map(_dummy, range(dummies))).write.mode("overwrite").parquet(out)


def _dummy(i: int) -> DataFrame:
    """A column as features are: a third small counts, a third sums, a third doubles."""
    noise = F.abs(F.xxhash64("row", F.lit(i)))
    kinds = (noise % 100, noise % 10_000_000, (noise % 10_000_000_000_000) / F.lit(1e7))
    return kinds[i % 3].alias(f"dummy{i}")


def few(spark: SparkSession, folder: Path, rows: int) -> list[Result]:
    """12 features: by the floor, and hot keys, doubles and late knowledge by the plain case."""
    even, hot = events(folder, Shape(rows)), events(folder, Shape(rows, HOT))
    out = partial(_out, mkdtemp(dir=folder))
    runs = {
        "floor": lambda: floor(spark, even, 12, out("floor")),
        "ours": lambda: ours(spark, even, feature_set(), out("ours")),
        "hot": lambda: ours(spark, hot, feature_set(), out("ours")),
        "doubles": lambda: ours(spark, even, feature_set("money"), out("ours")),
        "late": lambda: ours(spark, even, feature_set(late=True), out("ours")),
    }
    took = in_turns(runs)
    check(spark, hot, feature_set(late=True))
    size = f"{rows:,} events as their own spine"
    return [
        at_most("12 features, Spark's floor", took["ours"], took["floor"], 1.2, size),
        at_most("12 features, a card with 18% of rows", took["hot"], took["ours"], 1.2, size),
        at_most("doubles by integers", took["doubles"], took["ours"], 1.3, size),
        at_most("late and withdrawn events by none", took["late"], took["ours"], 1.5, size),
    ]


def many(spark: SparkSession, folder: Path, rows: int) -> list[Result]:
    """28 features: by the floor, and with a hot key by the plain case; a worker's memory."""
    even, hot = events(folder, Shape(rows)), events(folder, Shape(rows, HOT))
    out = partial(_out, mkdtemp(dir=folder))
    runs = {
        "floor": lambda: floor(spark, even, 28, out("floor")),
        "ours": lambda: ours(spark, even, feature_set(wide=True), out("ours")),
        "hot": lambda: ours(spark, hot, feature_set(wide=True), out("ours")),
    }
    took = in_turns(runs)
    check(spark, hot, feature_set(wide=True))
    longer = events(folder, Shape(2 * rows, HOT, 2 * DAYS))
    runs["longer"] = lambda: ours(spark, longer, feature_set(wide=True), out("ours"))
    peaks = {name: _peak(spark, runs[name]) for name in ("ours", "hot", "longer")}
    memory = peaks["longer"] / peaks["hot"]
    size = f"{rows:,} events as their own spine"
    sizes = f"{peaks['longer']:.0f} MB by {peaks['hot']:.0f} MB; without a hot card {peaks['ours']:.0f} MB"
    return [
        at_most("28 features, Spark's floor", took["ours"], took["floor"], 1.2, size),
        at_most("28 features, a card with 18% of rows", took["hot"], took["ours"], 1.2, size),
        Result("a hot card's history twice as long: the largest worker's memory", round(memory, 3), "at most 1.1",
               memory <= 1.1, sizes),
    ]  # fmt: skip


def _peak(spark: SparkSession, run: Callable[[], None]) -> float:
    forget_peaks(spark)
    run()
    return worker_peak(spark)


def _out(folder: str, name: str) -> str:
    return f"{folder}/{name}"


def check(spark: SparkSession, path: Path, features: FeatureSet, card: int = 7) -> None:
    """Every feature of one card against what pandas makes of its events, one row at a time."""
    frame = spark.read.parquet(str(path)).where(F.col("card") == card)
    done = tillthen.point_in_time(frame, [features], sources={"events": frame}, as_of="at").toArrow().to_pandas()
    events = done[["at", "known", "gone", "amount", "merchant"]].sort_values("at")
    late = features.source.known_time is not None
    assert len(done) > 10
    for i, at in enumerate(done["at"]):
        visible = events[(events["known"] <= at) & ~(events["gone"] <= at)] if late else events
        for window, span in zip(("1h", "1d", "7d", "30d"), WINDOWS, strict=True):
            age = (at - visible["at"]).dt.total_seconds()
            seen = visible[(age > 0) & (age <= span.micros / 1e6)]
            for stem, answer in ANSWERS.items():
                name, expected = f"f__{stem}_{window}", answer(seen)
                if name in done.columns and not pd.isna(expected):
                    assert np.isclose(done[name].iloc[i], expected, rtol=1e-9), (name, at)


ANSWERS: dict[str, Callable[[pd.DataFrame], float]] = {
    "count": len,
    "sum_amount": lambda seen: seen["amount"].sum() if len(seen) else np.nan,
    "stddev_amount": lambda seen: seen["amount"].std(),
    "min_amount": lambda seen: seen["amount"].min(),
    "max_amount": lambda seen: seen["amount"].max(),
    "last_amount": lambda seen: seen["amount"].iloc[-1] if len(seen) else np.nan,
    "count_distinct_merchant": lambda seen: seen["merchant"].nunique(),
}
