"""Bounds for decisions without an outcome: the figures if all of them were genuine, and if all were frauds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyspark.sql import functions as F

from tillthen.backtest.results import Results
from tillthen.evaluate.collect import collect
from tillthen.evaluate.measures import measures
from tillthen.evaluate.question import Question

SHOWN = ("roc_auc", "average_precision", "base_rate", "savings")


def declined(results: Results, question: Question) -> dict[str, Any] | None:
    """Of the challenger, or the champion alone; None where the label has no unobserved decisions.

    A random let-through would say what they were; without one nothing but these bounds does.
    """
    unobserved = results.data.backtest.label.unobserved
    if unobserved is None:
        return None
    model = question.challenger or question.champion
    rows = results.scores.where(F.col("model") == model)
    alone = replace(question, cards=False, segments=(), champion=model, challenger=None)
    filled = {
        "approved_only": F.col("label"),
        "all_genuine": F.coalesce("label", F.when(F.col("state") == "unknown", 0)),
        "all_fraud": F.coalesce("label", F.when(F.col("state") == "unknown", 1)),
    }
    bounds = {}
    for name, label in filled.items():
        found = measures(collect(rows.withColumn("label", label.cast("tinyint")), alone), alone, model)["metrics"]
        bounds[name] = {metric: found[metric] for metric in SHOWN}
    unknown = sum(counts["test"]["unknown"] for counts in results.counts)
    rule = (
        f"{unknown:,} test payments have no outcome, since '{unobserved.source.name}' has {unobserved.where}. "
        f"Figures of {model}: on the others, and if all of these were genuine, or fraud."
    )
    return {"rule": rule, **bounds}
