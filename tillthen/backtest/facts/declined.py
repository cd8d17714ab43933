"""Bounds for decisions without an outcome: the figures if all of them were genuine, and if all were frauds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.facts.results import Results
from tillthen.evaluate.results.metrics import metrics
from tillthen.evaluate.spark.collect import collect_sums
from tillthen.evaluate.statistics.clusters import resampled

SHOWN = ("roc_auc", "average_precision", "base_rate", "savings")
BOUNDS = {"all_genuine": 0, "all_fraud": 1}
"""The label of all decisions without an outcome."""


def declined(results: Results, method: str, models: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Of the challenger, or the champion alone; None where the label has no unobserved decisions.

    A random let-through would say what they were; without one nothing but these bounds does. ``models`` are the facts
    of rows with an outcome, collected by ``method``.
    """
    unobserved = results.data.backtest.label.unobserved
    if unobserved is None:
        return None
    question = replace(results.question, segments=())
    model = question.challenger or question.champion
    found = {"approved_only": next(of["metrics"] for of in models if of["name"] == model)}
    for name, bound in collect_sums(_bounds(results.scores, model), question, method).models.items():
        found[name] = metrics(bound, question, resampled(bound) if len(bound.counted.decisions) else None)
    unknown = sum(counts["test"]["unknown"] for counts in results.counts)
    rule = (
        f"{unknown:,} test payments have no outcome, since '{unobserved.source.name}' has {unobserved.where}. "
        f"Figures of {model}: on the others, and if all of these were genuine, or fraud."
    )
    return {"rule": rule, **{name: {metric: of[metric] for metric in SHOWN} for name, of in found.items()}}


def _bounds(scores: DataFrame, model: str) -> DataFrame:
    """The model's rows once for each of `BOUNDS`, as if of a model of that name, so that both are summed in one go."""
    bounds = [F.struct(F.lit(name).alias("name"), F.lit(label).alias("label")) for name, label in BOUNDS.items()]
    rows = scores.where(F.col("model") == model).withColumn("bound", F.explode(F.array(*bounds)))
    label = F.coalesce("label", F.when(F.col("state") == "unknown", F.col("bound.label"))).cast("tinyint")
    return rows.withColumns({"label": label, "model": F.col("bound.name")}).drop("bound")
