"""Time and the driver's memory for evaluating 1, 10 and 50 million scored rows."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.measure import Result
from tillthen.define.backtests.cost import Costs
from tillthen.evaluate.sums.question import Question

SIZES = (1_000_000, 10_000_000, 50_000_000)
DAYS = 42
COSTS = Costs("amount", unit="minor", currency="EUR",
              recovery=0.1, chargeback_fee=2000, handling=1000, margin=0.08, retry_succeeds=0.3, churn=0.01,
              lifetime_value=15_000, contact=20)  # fmt: skip
QUESTION = Question(COSTS, "bayes_minimum_risk", capacity=100, cards=True, segments=("channel",), champion="champion",
                    challenger="challenger", exact_rows=100_000)  # fmt: skip


def benchmark(folder: Path) -> list[Result]:
    """A line through the times of three sizes, each in a process of its own, and the driver's memory at each."""
    seconds, memory = [], []
    for size in SIZES:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.scores", str(folder), str(size)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        told = json.loads(ran.stdout.splitlines()[-1])
        print(f"  {size:,}: {told['seconds']:.1f} s, {told['peak']:.0f} MB", flush=True)
        seconds.append(told["seconds"])
        memory.append(told["peak"])
    rate = seconds[-1] / seconds[-2] / (SIZES[-1] / SIZES[-2])
    flat = memory[-1] / memory[0]
    took = ", ".join(f"{size:,} rows: {spent:.1f} s" for size, spent in zip(SIZES, seconds, strict=True))
    peaks = ", ".join(f"{peak:.0f} MB" for peak in memory)
    return [
        Result("evaluation's time for five times the scored rows, by five", round(rate, 3), "at most 1.15",
               rate <= 1.15, took),
        Result("the driver's memory at fifty times the scored rows", round(flat, 3), "at most 1.3", flat <= 1.3,
               f"{peaks} of Python on the driver; Spark's own driver has 2 GB"),
    ]  # fmt: skip


def table(spark: SparkSession, folder: Path, size: int) -> str:
    """A table of scores of two models, each of half the rows, written once."""
    path = str(folder / f"scores-{size}")
    if (folder / f"scores-{size}" / "_delta_log" / f"{0:020}.json").exists():
        return path
    half = size // 2
    number, noise = F.col("row_id"), F.randn(3)
    fraud = F.rand(1) < 0.005
    models = F.explode(F.array(F.lit("champion"), F.lit("challenger")))
    signal = F.when(F.col("label") == 1, 3.0).otherwise(0.0)
    better = F.when(F.col("model") == "challenger", 0.8).otherwise(1.2)
    rows = (
        spark.range(half, numPartitions=max(2, half // 2_000_000)).withColumnRenamed("id", "row_id")
        .withColumns({"label": fraud.cast("tinyint"), "amount": F.floor(F.exp(F.randn(2) + 8)).cast("double")})
        .withColumn("day", (F.lit(20_000) + F.floor(number * DAYS / half)).cast("int"))
        .withColumns({"card": F.concat(F.lit("card"), F.floor(F.rand(4) * half / 30).cast("string")),
                      "fold": F.when(F.col("day") < 20_021, 1).otherwise(2), "excluded": F.lit(False),
                      "as_of": F.timestamp_seconds(F.col("day") * 86_400), "action": F.lit("approve"),
                      "segment_channel": F.when(F.rand(5) < 0.3, "web").otherwise("shop")})
        .withColumn("model", models)
        .withColumn("score", 1 / (1 + F.exp(-(1.5 * (signal + noise * better) - 6.5))))
        .withColumn("probability", F.col("score"))
    )  # fmt: skip
    costs = {name: F.expr(text).cast("double") for name, text in COSTS.columns.items() if name != "amount"}
    rows.withColumns(costs).write.format("delta").mode("overwrite").partitionBy("model", "fold").save(path)
    return path


def measured(folder: Path, size: int) -> dict[str, float]:
    """Seconds from the table to both models' facts, and this process's greatest resident memory, in MB."""
    from resource import RUSAGE_SELF, getrusage

    from tillthen.evaluate.results.measures import measures
    from tillthen.evaluate.results.verdict import verdict
    from tillthen.evaluate.spark.collect import collect
    from tillthen.evaluate.spark.decided import decide
    from tillthen.runtime.session import spark_session

    spark = spark_session({"spark.driver.memory": "2g"}, app="scores")
    path = table(spark, folder, size)
    collect(decide(spark.read.format("delta").load(path).limit(1000), COSTS, QUESTION.policy), QUESTION)
    start = time.perf_counter()
    found = collect(decide(spark.read.format("delta").load(path), COSTS, QUESTION.policy), QUESTION)
    told = [measures(found, QUESTION, model) for model in found.models]
    verdict(found, QUESTION)
    seconds = time.perf_counter() - start
    assert sum(model["metrics"]["base_rate"]["n"] for model in told) == size
    assert found.method == "grid"
    assert all(np.isfinite(model["metrics"]["average_precision"]["lower"]) for model in told)
    return {"seconds": seconds, "peak": getrusage(RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]))))
