"""Training xgboost across the executors of a Spark session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xgboost
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from tillthen.define.backtests.model import Model
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import ConfigurationError, DataContractError, DefinitionError, sentence
from tillthen.learn.columns import spark_encoding
from tillthen.learn.encoding import Encoding
from tillthen.learn.fitted import Fitted, boosted
from tillthen.learn.learner import BEFORE, VALIDATION, check_classes
from tillthen.learn.parameters import complete, positive_weight, tree_parameters
from tillthen.learn.sampling import facts as sampling_facts
from tillthen.learn.sampling import odds_factor
from tillthen.learn.stopping import METRIC, stopped
from tillthen.learn.tally import matrix, tally
from tillthen.runtime.placing import placed

_FEATURES, _LABEL, _WEIGHT, _LATE = "__features", "__label", "__weight", "__late"
_ORDER, _HASH = "__order", "__hash"


def fit_distributed(
    model: Model, names: tuple[str, ...], frame: DataFrame, label: str, order: str,
    categorical: Sequence[str] = (), late: Column | None = None, kept: Column | None = None,
) -> Fitted:  # fmt: skip
    """Train on every executor's share of ``frame``.

    A hash of ``order``, a unique column, says which worker holds a row and in which place: histograms depend on both,
    so the same rows on the same number of workers give the same model. ``late`` is true on the rows that early stopping
    looks at. ``kept`` is true on the rows to train on, all where not given; the level of the probabilities is that of
    all rows.
    """
    workers = check_distributable(model, frame.sparkSession)
    chosen = frame if kept is None else frame.where(kept)
    encoding = spark_encoding(chosen, names, categorical)
    marked = F.lit(False) if late is None else late
    positive = F.col(quoted(label)) == 1
    # One column, since xgboost fails on a batch of many columns in which no row, or every row, is late. And where it is
    # given many, it takes one of the name "weight" or "baseMargin" for something else than a feature.
    rows = chosen.select(
        matrix(encoding).alias(_FEATURES), positive.cast("int").alias(_LABEL), marked.alias(_LATE),
        F.when(positive, positive_weight(model)).otherwise(1.0).alias(_WEIGHT),
        F.col(quoted(order)).alias(_ORDER), F.xxhash64(quoted(order)).alias(_HASH),
    )  # fmt: skip
    shares = placed(rows, F.pmod(_HASH, F.lit(workers)), workers).sortWithinPartitions(_HASH, _ORDER).cache()
    try:
        _check(model, shares, names)
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
        fitted = boosted(model.name, encoding, booster, parameters={**complete(model), "num_workers": workers},
                         placement="distributed", training=training)  # fmt: skip
        counted = (shares, F.col(_FEATURES), _LABEL) if kept is None else (frame, matrix(encoding), label)
        return fitted.leveled(tally(*counted, fitted), odds_factor(model))
    finally:
        shares.unpersist()


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


def _train(
    model: Model, encoding: Encoding, shares: DataFrame, workers: int, tree: dict[str, Any], rounds: int
) -> xgboost.Booster:
    options = {key: value for key, value in tree.items() if key != "seed"}
    if positive_weight(model) != 1:
        options["weight_col"] = _WEIGHT
    classifier = SparkXGBClassifier(
        features_col=_FEATURES, label_col=_LABEL, num_workers=workers, random_state=model.seed,
        verbosity=0, missing=float("nan"), n_estimators=rounds, feature_types=encoding.types, **options,
    )  # fmt: skip
    return classifier.fit(shares).get_booster()


def _check(model: Model, shares: DataFrame, names: Sequence[str]) -> None:
    """Refuse infinite values, and rows of one class, as on one node: over all workers, not for each."""
    infinite = [F.max(F.abs(F.col(_FEATURES)[i]) == float("inf")) for i in range(len(names))]
    counts = [F.count_if(F.col(_LATE) & (F.col(_LABEL) >= least)) for least in (0, 1)]
    row = shares.agg(*infinite, *counts, F.count("*"), F.sum(_LABEL)).first()
    assert row is not None
    found = [name for name, holds in zip(names, row, strict=False) if holds]
    if found:
        raise DataContractError(
            sentence(f"Features {', '.join(found)} hold infinite values", fix="Bound them where they are declared.")
        )
    late, late_positives, known, positives = row[len(names) :]
    check_classes(model, positives or 0, known)
    if model.early_stopping is not None:
        check_classes(model, positives - late_positives, known - late, BEFORE)
        check_classes(model, late_positives, late, VALIDATION)
