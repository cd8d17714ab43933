"""Other ways to the same answers: Spark's own range windows, and DuckDB in one process."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

from benchmarks.data import DAY, Shape, events
from benchmarks.measure import Result, faster, in_turns, not_run
from benchmarks.windows import COLUMNS, feature_set, floor, ours

HOT = 0.18
EVENTS = 5_000_000
SPANS = {"1h": DAY // 24, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
NAMES = [f"f__{kind}_{span}" for kind in ("count", "sum_amount", "stddev_amount") for span in SPANS]


def range_between(spark: SparkSession, path: Path, out: str) -> None:
    """The same features by Spark's window functions, [as_of - length, as_of) as a range of microseconds."""
    frame = spark.read.parquet(str(path)).select(*COLUMNS)
    by_card = Window.partitionBy("card").orderBy(F.unix_micros("at"))
    features = []
    for name, span in SPANS.items():
        window = by_card.rangeBetween(-span, -1)
        features += [
            F.count("*").over(window).alias(f"f__count_{name}"),
            F.sum("amount").over(window).alias(f"f__sum_amount_{name}"),
            F.stddev("amount").over(window).alias(f"f__stddev_amount_{name}"),
        ]
    frame.select("*", *features).write.mode("overwrite").parquet(out)


def duckdb_windows(path: Path, out: str) -> None:
    """The same features by DuckDB, with both cores."""
    import duckdb

    spans = ", ".join(
        f"count(*) OVER w{name} AS f__count_{name}, sum(amount) OVER w{name} AS f__sum_amount_{name}, "
        f"stddev_samp(amount) OVER w{name} AS f__stddev_amount_{name}"
        for name in SPANS
    )
    windows = ", ".join(
        f'w{name} AS (PARTITION BY card ORDER BY epoch_us("at") RANGE BETWEEN {span} PRECEDING AND 1 PRECEDING)'
        for name, span in SPANS.items()
    )
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT {columns}, {spans} FROM '{path}' WINDOW {windows}) TO '{out}.parquet' (FORMAT parquet)"
        )


def same(ours_at: str, theirs_at: str) -> str:
    """Every value of both, compared; stddev to 1e-6, as theirs is not exact."""
    mine, theirs = (pd.read_parquet(at).sort_values("row").reset_index(drop=True) for at in (ours_at, theirs_at))
    for name in NAMES:
        tolerance = {"rtol": 1e-6} if "stddev" in name else {"check_exact": True}
        pd.testing.assert_series_equal(
            mine[name].astype(float), theirs[name].astype(float), check_dtype=False, **tolerance
        )
    return f"{len(mine):,} rows equal"


def benchmark(spark: SparkSession, folder: Path) -> list[Result]:
    """Range windows where they finish, with keys of few events, of many, and a hot one; DuckDB on a hot card."""
    out = {name: str(folder / name) for name in ("ours", "range", "floor", "duckdb")}
    shapes = {
        "cards of 100 events": (Shape(1_000_000), 3, 3),
        "merchants of 5,000 events": (Shape(1_000_000, a_card=5_000), 3, 1),
        "a hot card": (Shape(500_000, HOT), 30, 1),
    }
    results = []
    for name, (shape, aim, rounds) in shapes.items():
        path = events(folder, shape)
        ours(spark, path, feature_set(), out["ours"])  # theirs runs once where it takes minutes
        took = in_turns({
            "ours": lambda path=path: ours(spark, path, feature_set(), out["ours"]),
            "range": lambda path=path: range_between(spark, path, out["range"]),
            "floor": lambda path=path: floor(spark, path, len(NAMES), out["floor"]),
        }, rounds=rounds, warm=rounds == 1)  # fmt: skip
        checked = same(out["ours"], out["range"])
        size = f"{shape.rows:,} events; {checked}; Spark's floor takes {took['floor'].seconds:.1f} s"
        results.append(faster(f"rangeBetween, {name}", took["ours"], took["range"], aim, size))
    return [*results, duckdb(spark, folder, out)]


def duckdb(spark: SparkSession, folder: Path, out: dict[str, str]) -> Result:
    """DuckDB once, since it takes a minute or more."""
    name, aim = "DuckDB, a hot card", 3
    if importlib.util.find_spec("duckdb") is None:
        return not_run(name, f"at least {aim}", "duckdb is not installed: make bench")
    path = events(folder, Shape(EVENTS, HOT))
    ours(spark, path, feature_set(), out["ours"])
    took = in_turns({
        "ours": lambda: ours(spark, path, feature_set(), out["ours"]),
        "DuckDB": lambda: duckdb_windows(path, out["duckdb"]),
    }, rounds=1, warm=True)  # fmt: skip
    checked = same(out["ours"], out["duckdb"] + ".parquet")
    return faster(name, took["ours"], took["DuckDB"], aim, f"{EVENTS:,} events; {checked}")
