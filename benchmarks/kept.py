"""What a window of the latest thousand events costs beyond one without a bound, on one card, in time and memory."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from benchmarks.data import Shape, events
from benchmarks.measure import Result, at_most, in_turns
from benchmarks.memory import forget_peaks, worker_peak
from benchmarks.windows import ours
from tillthen import FeatureSet, Source, last_n, latest, lifetime, mean
from tillthen import sum as total
from tillthen.define.features.window import WindowLike
from tillthen.define.sources.rows import Rows

ROWS, KEPT = 50_000, 1000


def feature_set(*windows: WindowLike, listed: bool = False) -> FeatureSet:
    """Sums and means of late and withdrawn payments, or the last of them as a list."""
    source = Source("events", event_time="at", known_time="known", retracted_time="gone")
    made = FeatureSet("f", source, ("card",), Rows("events").select("card", "amount"))
    numbers = (total("amount").over(*windows), mean("amount").over(*windows))
    made.features(*((last_n("amount", KEPT).over(*windows),) if listed else numbers))
    return made


def benchmark(spark: SparkSession, folder: Path) -> list[Result]:
    """One card of `ROWS` events as their own spine."""
    path = events(folder, Shape(ROWS, hot=1.0))
    sets = {"lifetime": feature_set(lifetime), "latest": feature_set(latest(KEPT)),
            "list": feature_set(lifetime, listed=True)}  # fmt: skip
    runs = {name: partial(ours, spark, path, made, str(folder / "kept")) for name, made in sets.items()}
    took = in_turns(runs)
    peaks = {}
    for name, run in runs.items():
        forget_peaks(spark)
        run()
        peaks[name] = worker_peak(spark)
    size = f"one card of {ROWS:,} events, a tenth of them late, as their own spine"
    by_none, list_by_none = (peaks[name] / peaks["lifetime"] for name in ("latest", "list"))
    return [
        at_most(f"latest({KEPT}) by lifetime", took["latest"], took["lifetime"], 1.3, size),
        Result(f"latest({KEPT}) by lifetime: the largest worker's memory", round(by_none, 3), "at most 1.3",
               by_none <= 1.3, f"{peaks['latest']:.0f} MB by {peaks['lifetime']:.0f} MB; {size}"),
        Result(f"last_n({KEPT}), lists of {ROWS * KEPT // 10**6} million values: the largest worker's memory",
               round(list_by_none, 3), "at most 4", list_by_none <= 4, f"{peaks['list']:.0f} MB; {size}"),
    ]  # fmt: skip
