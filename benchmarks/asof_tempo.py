"""``python -m benchmarks.asof_tempo FOLDER ROWS``: tempo and tillthen on Spark 3.5; the last line is their times."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from pyspark.sql import DataFrame
from tempo import TSDF

from benchmarks.asof import checked, floor, ours
from benchmarks.data import VALUES, keyed
from benchmarks.measure import in_turns
from tillthen.runtime.session import spark_session


def tempo(labels: DataFrame, features: DataFrame, out: str) -> None:
    """Tempo's as-of join; no instant is shared, so that ties mean nothing."""
    left = TSDF(labels, ts_col="at", partition_cols=["key"])
    joined = left.asofJoin(TSDF(features, ts_col="at", partition_cols=["key"]), right_prefix="f")
    joined.df.write.mode("overwrite").parquet(out)


def main(folder: Path, rows: int) -> None:
    """Measure in turns, compare, print."""
    spark = spark_session({"spark.driver.memory": "3g"}, app="benchmarks")
    labels = spark.read.parquet(str(keyed(folder, "labels", rows, 1))).select("key", "at")
    features = spark.read.parquet(str(keyed(folder, "features", rows, 2)))
    mine, theirs = str(folder / "asof-ours"), str(folder / "asof-tempo")
    took = in_turns({
        "ours": lambda: ours(labels, features, mine),
        "tempo": lambda: tempo(labels, features, theirs),
        "floor": lambda: floor(labels, features, str(folder / "asof-floor")),
    })  # fmt: skip
    names = ["key", "at", *(f"f_{value}" for value in VALUES)]
    same = checked(*(spark.read.parquet(path).select(*names) for path in (mine, theirs)))
    print(json.dumps({**{who: asdict(one) for who, one in took.items()}, "checked": same}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
