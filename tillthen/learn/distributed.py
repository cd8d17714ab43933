"""Training xgboost across the executors of a Spark session."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from tillthen.define.backtest import Model
from tillthen.define.errors import ConfigurationError, DefinitionError, sentence
from tillthen.define.rows import quoted
from tillthen.learn.fitted import Booster, Fitted
from tillthen.learn.parameters import complete


def fit_distributed(model: Model, names: tuple[str, ...], frame: DataFrame, label: str, order: str) -> Fitted:
    """Train on every executor's share of ``frame``.

    The rows are put in order of ``order``, a unique column, into one partition for each worker: histograms depend on
    who holds which rows, so the same frame on the same number of workers gives the same model.
    """
    parameters = complete(model)
    if parameters["tree_method"] == "exact":
        raise DefinitionError(
            sentence(f"Model '{model.name}': exact trees cannot be trained distributed",
                     fix="Use tree_method='hist' or 'approx', or placement='single'.")
        )  # fmt: skip
    workers = slots(frame.sparkSession)
    features = [F.col(quoted(name)).cast("double").alias(name) for name in names]
    shares = (
        frame.select(
            *features, F.col(quoted(label)).cast("int").alias("__label"), F.col(quoted(order)).alias("__order")
        )
        .repartitionByRange(workers, "__order")
        .sortWithinPartitions("__order")
    )
    tree: dict[str, Any] = {key: value for key, value in parameters.items() if key != "seed"}
    classifier = SparkXGBClassifier(
        features_col=list(names), label_col="__label", num_workers=workers, random_state=model.seed, verbosity=0,
        missing=float("nan"), **tree,
    )  # fmt: skip
    booster = classifier.fit(shares).get_booster()
    booster.feature_names = list(names)
    return Fitted(model.name, model.learner, names, {**parameters, "num_workers": workers}, "distributed",
                  Booster(booster))  # fmt: skip


def slots(spark: SparkSession) -> int:
    """How many workers can train at once; they all must, so the executors must be there to stay."""
    conf = spark.sparkContext.getConf()
    if conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        raise ConfigurationError(
            sentence("Distributed training", expected="static executors", got="spark.dynamicAllocation.enabled=true",
                     fix="Train in a session of its own: --set spark.dynamicAllocation.enabled=false and "
                         "--set spark.executor.instances=N.")
        )  # fmt: skip
    cores = spark.sparkContext.defaultParallelism
    return max(1, cores // int(conf.get("spark.task.cpus", "1") or 1))
