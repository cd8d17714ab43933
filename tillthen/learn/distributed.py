"""Training xgboost across the executors of a Spark session."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import xgboost
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from tillthen.define.errors import ConfigurationError, DataContractError, DefinitionError, sentence
from tillthen.define.model import Model
from tillthen.define.rows import quoted
from tillthen.learn.encoding import MOST_CATEGORIES, Encoding, ordered
from tillthen.learn.fitted import Fitted, boosted
from tillthen.learn.parameters import complete, tree_parameters
from tillthen.learn.sampling import facts as sampling_facts
from tillthen.learn.sampling import odds_factor
from tillthen.learn.stopping import METRIC, stopped
from tillthen.runtime.placing import placed

_FEATURES, _LABEL, _ORDER, _HASH, _LATE = "__features", "__label", "__order", "__hash", "__late"


def fit_distributed(
    model: Model, names: tuple[str, ...], frame: DataFrame, label: str, order: str,
    categorical: Sequence[str] = (), late: Column | None = None,
) -> Fitted:  # fmt: skip
    """Train on every executor's share of ``frame``.

    A hash of ``order``, a unique column, says which worker holds a row and in which place: histograms depend on both,
    so the same rows on the same number of workers give the same model. ``late`` is true on the rows that early stopping
    looks at; every worker has a share of them.
    """
    workers = check_distributable(model, frame.sparkSession)
    encoding = spark_encoding(frame, names, categorical)
    marked = F.lit(False) if late is None else late
    # One column, since xgboost fails on a batch of many columns in which no row, or every row, is late.
    matrix = F.array(*[F.coalesce(column, F.lit(float("nan"))) for column in spark_columns(encoding)])
    rows = frame.select(
        matrix.alias(_FEATURES), F.col(quoted(label)).cast("int").alias(_LABEL), marked.alias(_LATE),
        F.col(quoted(order)).alias(_ORDER), F.xxhash64(quoted(order)).alias(_HASH),
    )  # fmt: skip
    shares = placed(rows, F.pmod(_HASH, F.lit(workers)), workers).sortWithinPartitions(_HASH, _ORDER).cache()
    try:
        _refuse_infinite(shares, names)
        tree = tree_parameters(model, names)
        rounds = int(str(complete(model)["n_estimators"]))
        training: dict[str, Any] = {"sampling": sampling_facts(model)}
        if model.early_stopping is not None:
            watched = {"validation_indicator_col": _LATE, "early_stopping_rounds": model.early_stopping,
                       "eval_metric": METRIC}  # fmt: skip
            trial = _train(model, encoding, shares, workers, {**tree, **watched}, rounds)
            training["early_stopping"] = stopped(model, rounds, trial.best_iteration, trial.best_score)
            rounds = trial.best_iteration + 1
        booster = _train(model, encoding, shares, workers, tree, rounds)
    finally:
        shares.unpersist()
    return boosted(model.name, encoding, booster, parameters={**complete(model), "num_workers": workers},
                   placement="distributed", odds_factor=odds_factor(model), training=training)  # fmt: skip


def check_distributable(model: Model, spark: SparkSession) -> int:
    """Refuse what cannot be trained distributed, before anything is read; gives the number of workers."""
    if complete(model)["tree_method"] == "exact":
        raise DefinitionError(
            sentence(f"Model '{model.name}': exact trees cannot be trained distributed",
                     fix="Use tree_method='hist' or 'approx', or placement='single'.")
        )  # fmt: skip
    return slots(spark)


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
    found = cores // int(conf.get("spark.task.cpus", "1") or 1)
    if found < 1:
        raise ConfigurationError(
            sentence("Distributed training", expected="a slot for at least one worker",
                     got=f"{cores} cores with spark.task.cpus={conf.get('spark.task.cpus')}",
                     fix="Lower spark.task.cpus, or add executors.")
        )  # fmt: skip
    return found


def spark_encoding(frame: DataFrame, names: Sequence[str], categorical: Sequence[str]) -> Encoding:
    """Number the values of categorical columns, found by Spark."""
    found = {}
    for name in names:
        if name in categorical:
            column = F.col(quoted(name))
            rows = frame.select(column.alias("value")).where("value IS NOT NULL").distinct().limit(MOST_CATEGORIES + 1)
            found[name] = ordered(name, [row["value"] for row in rows.collect()])
    return Encoding(tuple(names), found)


def spark_columns(encoding: Encoding) -> list[Column]:
    """The columns of the encoding's matrix."""

    def column(name: str) -> Column:
        if name not in encoding.categories:
            return F.col(quoted(name)).cast("double").alias(name)
        values = encoding.categories[name]
        if not values:
            return F.lit(None).cast("double").alias(name)
        codes = F.create_map(*chain.from_iterable((F.lit(value), F.lit(float(i))) for i, value in enumerate(values)))
        return F.try_element_at(codes, F.col(quoted(name))).alias(name)

    return [column(name) for name in encoding.features]


def _train(
    model: Model, encoding: Encoding, shares: DataFrame, workers: int, tree: dict[str, Any], rounds: int
) -> xgboost.Booster:
    options = {key: value for key, value in tree.items() if key != "seed"}
    classifier = SparkXGBClassifier(
        features_col=_FEATURES, label_col=_LABEL, num_workers=workers, random_state=model.seed,
        verbosity=0, missing=float("nan"), n_estimators=rounds, feature_types=encoding.types, **options,
    )  # fmt: skip
    return classifier.fit(shares).get_booster()


def _refuse_infinite(shares: DataFrame, names: Sequence[str]) -> None:
    infinite = [F.max(F.abs(F.col(_FEATURES)[i]) == float("inf")).alias(name) for i, name in enumerate(names)]
    row = shares.agg(*infinite).first()
    assert row is not None
    found = [name for name in names if row[name]]
    if found:
        raise DataContractError(
            sentence(f"Features {', '.join(found)} hold infinite values", fix="Bound them where they are declared.")
        )
