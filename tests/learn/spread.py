"""Trains on 1, 2 and 4 workers and prints what came out, in a Spark of its own with four cores.

Of the 8 positives that early stopping looks at, four workers hold 0, 2, 1 and 5.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tillthen import Model
from tillthen.define.faults.errors import DataContractError
from tillthen.learn import distributed
from tillthen.learn.encoding import Encoding
from tillthen.learn.learner import fit
from tillthen.runtime.session import spark_session

ROWS, LATE, HELD = 8000, 6400, (0, 2, 1, 5)
NAMES = ("signal", "noise")
MODEL = Model("m", parameters={"n_estimators": 200, "max_depth": 3, "learning_rate": 0.3}, early_stopping=10)


def world(spark: SparkSession) -> pd.DataFrame:
    """Few distinct values, so that the cuts of histograms are the same for any number of workers."""
    random = np.random.default_rng(3)
    hashed = spark.range(ROWS).select("id", F.pmod(F.xxhash64("id"), F.lit(4)).alias("worker"))
    rows = hashed.toPandas().sort_values("id").reset_index(drop=True)
    rows["signal"], rows["noise"] = np.round(random.normal(size=(2, ROWS)), 1)
    risk = 1 / (1 + np.exp(4 - 1.5 * rows["signal"]))
    rows["label"] = ((random.random(ROWS) < risk) & (rows["id"] < LATE)).astype(int)
    for worker, many in enumerate(HELD):
        late = rows[(rows["id"] >= LATE) & (rows["worker"] == worker)].sort_values("signal")
        rows.loc[late.index[-many * 2 :: 2] if many else [], "label"] = 1
    return rows


def main() -> None:
    """Print the best round and the level of each number of workers, those of one node, and what is refused."""
    spark = spark_session({"spark.master": "local[4]", "spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "4",
                           "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1"}, app="spread")  # fmt: skip
    rows = world(spark)
    frame = spark.createDataFrame(rows).cache()
    late = F.col("id") >= LATE
    held = frame.where(late).groupBy("worker").agg(F.sum("label").alias("n")).orderBy("worker").collect()
    told: dict[str, object] = {"held": [row["n"] for row in held]}
    for workers in (1, 2, 4):
        distributed.slots = lambda _, workers=workers: workers
        for weight in (1, 50):
            model = Model("m", parameters=MODEL.parameters, early_stopping=10, positive_weight=weight)
            fitted = distributed.fit_distributed(model, NAMES, frame, "label", "id", (), late)
            p = fitted.score(Encoding(NAMES).matrix(rows))
            told[f"{workers} workers, weight {weight}"] = [fitted.training["early_stopping"]["best_rounds"], p.sum()]
    labels, features = rows["label"].to_numpy(), Encoding(NAMES).matrix(rows)
    fitted = fit(MODEL, Encoding(NAMES), features, labels, (rows["id"] >= LATE).to_numpy())
    told["one node"] = fitted.training["early_stopping"]["best_rounds"]
    told["positives"] = int(labels.sum())
    for name, zero in (("late", late), ("early", ~late)):
        spoiled = frame.withColumn("label", F.when(zero, 0).otherwise(F.col("label")))
        try:
            distributed.fit_distributed(MODEL, NAMES, spoiled, "label", "id", (), late)
        except DataContractError as error:
            told[f"no positives {name}"] = str(error)
    print(json.dumps(told))
    spark.stop()


if __name__ == "__main__":
    main()
