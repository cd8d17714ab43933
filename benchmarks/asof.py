"""As-of joins: the latest of a million feature rows for each of a million labels, against tempo and Feast on Spark.

Each rival has an environment of its own under ``.bench``: tempo on Spark 3.5, where both run in one session; Feast on
the Spark of this session, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import tillthen
from benchmarks.data import VALUES, keyed
from benchmarks.measure import Result, Took, faster, in_turns, not_run
from tillthen import FeatureSet, Source, days, last
from tillthen.define.sources.rows import Rows

ROOT = Path(__file__).parents[1]
LANE, TEMPO, FEAST = ROOT / ".venv-3.5", ROOT / ".bench" / "tempo", ROOT / ".bench" / "feast"
FEAST_PINS = Path(__file__).with_name("requirements-feast.txt")
ROWS = 1_000_000


def benchmark(spark: SparkSession, folder: Path) -> list[Result]:
    """Both rivals, as far as they install."""
    return [against_tempo(folder), against_feast(spark, folder)]


def ours(labels: DataFrame, features: DataFrame, out: str) -> None:
    """The last row within a hundred days, strictly before the label."""
    latest = FeatureSet("f", Source("features", event_time="at"), ("key",), Rows("features").select("key", *VALUES))
    latest.features(*(last(value).over(days(100)).named(f"f_{value}") for value in VALUES))
    done = tillthen.point_in_time(labels, [latest], sources={"features": features}, as_of="at")
    done.write.mode("overwrite").parquet(out)


def floor(labels: DataFrame, features: DataFrame, out: str) -> None:
    """What a join needs in any case: all rows shuffled by key and sorted by time, those of the labels written."""
    both = labels.withColumn("label", F.lit(True)).unionByName(features, allowMissingColumns=True)
    partitions = max(labels.sparkSession.sparkContext.defaultParallelism, 2 * ROWS // 500_000)
    done = both.repartition(partitions, "key").sortWithinPartitions("key", "at").where("label")
    done.write.mode("overwrite").parquet(out)


def checked(mine: DataFrame, theirs: DataFrame) -> str:
    """Both answers, columns in the same order, row by row."""
    differing = mine.exceptAll(theirs).count() + theirs.exceptAll(mine).count()
    assert differing == 0, f"{differing} rows differ"
    return f"{mine.count():,} rows equal"


def against_tempo(folder: Path) -> Result:
    """Tempo works on Spark 3.5: both run there, on the lane that 'make test SPARK=3.5' sets up."""
    name, aim = "as-of join, tempo", 3
    python = LANE / "bin" / "python"
    if not (LANE / ".installed").exists():
        return not_run(name, f"at least {aim}", "the lane is not set up: make test SPARK=3.5")
    # Without their own requirements, which would bring another pandas and numpy.
    wanted = (["--no-deps", "dbl-tempo==0.1.30", "scipy==1.17.1"], ["ipython"])
    if not TEMPO.exists() and not all(_installed(python, "--target", TEMPO, *what) for what in wanted):
        return not_run(name, f"at least {aim}", "dbl-tempo could not be installed")
    env = {"PYTHONPATH": f"{ROOT}:{TEMPO}", "TILLTHEN_JARS": str(ROOT / ".jars-3.5")}
    took = _last_line([python, "-m", "benchmarks.asof_tempo", folder, str(ROWS)], env)
    if took is None:
        return not_run(name, f"at least {aim}", "tempo failed; see above")
    both = {who: Took(**took[who]) for who in ("ours", "tempo", "floor")}
    return faster(name, both["ours"], both["tempo"], aim, _size(both["floor"], took["checked"]))


def against_feast(spark: SparkSession, folder: Path) -> Result:
    """Feast's query in its process, then ours here, under the same settings of Spark."""
    name, aim = "as-of join, Feast's Spark store", 8
    python = FEAST / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", FEAST], check=True)
    if not _installed(python, "-r", FEAST_PINS):
        return not_run(name, f"at least {aim}", "feast could not be installed")
    mine, theirs = str(folder / "asof-ours"), str(folder / "asof-feast")
    took = _last_line([python, "-m", "benchmarks.asof_feast", folder, str(ROWS), theirs], {"PYTHONPATH": str(ROOT)})
    if took is None:
        return not_run(name, f"at least {aim}", "Feast failed; see above")
    labels = spark.read.parquet(str(keyed(folder, "labels", ROWS, 1))).select("key", "at")
    features = spark.read.parquet(str(keyed(folder, "features", ROWS, 2)))
    mine_took = in_turns({
        "ours": lambda: ours(labels, features, mine),
        "floor": lambda: floor(labels, features, str(folder / "asof-floor")),
    })  # fmt: skip
    answers = spark.read.parquet(theirs).select("key", "event_timestamp", *VALUES)
    same = checked(spark.read.parquet(mine).select("key", "at", *(f"f_{value}" for value in VALUES)), answers)
    return faster(name, mine_took["ours"], Took(**took["Feast"]), aim, _size(mine_took["floor"], same))


def _size(floor: Took, same: str) -> str:
    return f"{ROWS:,} labels, {same}; Spark alone shuffles, sorts and writes them in {floor.seconds:.1f} s"


def _installed(python: Path, *what: str | Path) -> bool:
    command = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", *what]
    return subprocess.run(command, check=False).returncode == 0


def _last_line(command: Sequence[str | Path], env: dict[str, str]) -> dict[str, Any] | None:
    """The JSON in the last line that a command prints; None where it fails."""
    done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(done.stdout)
    return None if done.returncode else json.loads(done.stdout.splitlines()[-1])
