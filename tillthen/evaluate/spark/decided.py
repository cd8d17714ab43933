"""Decisions on scored rows in Spark."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from tillthen.decide.actions import cheapest, expected, least_expected, limited, saving
from tillthen.decide.policies import FIXED, POLICIES
from tillthen.define.backtests.cost import Costs
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence
from tillthen.evaluate.sums.question import Parts, Thresholds

SAVING = "__saving"
RANK = "__rank"


def decide(
    frame: DataFrame,
    costs: Costs,
    policy: str,
    *,
    capacity: int | None = None,
    thresholds: Thresholds | None = None,
    parts: Parts | None = None,
) -> DataFrame:
    """The frame with ``action``, what the policy does with each row.

    A daily capacity is used up by all rows that are not ``excluded``: whether a label will be known, nobody knows then.
    Of a day that is tested in ``parts``, each fold has its part of the capacity.
    """
    match policy:
        case "none" | "all":
            action = F.lit("approve" if policy == "none" else "decline")
        case "bayes_minimum_risk":
            action = F.expr(least_expected(costs.actions))
        case "fixed" | "best_f1" | "empirical":
            action = F.when(reaches(policy, costs, thresholds or {}), "decline").otherwise("approve")
        case "saving_threshold":
            taken = reaches(policy, costs, thresholds or {})
            action = F.when(taken, limited(costs.actions)).otherwise(F.expr(without_limited(costs.actions)))
        case "capacity":
            if capacity is None or capacity < 1:
                raise DefinitionError(sentence("Policy 'capacity'", expected="at least 1 a day", got=capacity))
            taken = (F.col(RANK) <= allowed(capacity, parts or {})) & ~F.col("excluded")
            action = F.when(taken, limited(costs.actions)).otherwise(F.expr(without_limited(costs.actions)))
            return ranked(frame, costs, "excluded").withColumn("action", action).drop(SAVING, RANK)
        case _:
            known = [name for name in POLICIES if name != "oracle"]
            raise DefinitionError(sentence(f"Unknown policy '{policy}'", fix=did_you_mean(policy, known)))
    return frame.withColumn("action", action)


def without_limited(actions: Sequence[str]) -> str:
    """Row expression: the cheapest action in expectation but for the limited one."""
    return cheapest([action for action in actions if action != limited(actions)], expected("{}"))


def allowed(capacity: int, parts: Parts) -> Column:
    """How many rows a row's fold may take on its day: of parts of a day as many as the whole day has, together."""
    found = F.lit(capacity)
    for (fold, day), (start, end) in parts.items():
        of_part = int(capacity * end) - int(capacity * start)
        found = F.when((F.col("fold") == fold) & (F.col("day") == day), of_part).otherwise(found)
    return found


def ranked(frame: DataFrame, costs: Costs, *within: str) -> DataFrame:
    """The frame with each row's rank by expected saving in its fold's day; rows that save nothing have none."""
    day = Window.partitionBy("model", "fold", "day", *within, F.col(SAVING).isNotNull()).orderBy(
        F.col(SAVING).desc(), "as_of", "row_id"
    )
    saved = F.expr(saving(costs.actions))
    found = frame.withColumn(SAVING, F.when(saved > 0, saved)).withColumn(RANK, F.row_number().over(day))
    return found.withColumn(RANK, F.when(F.col(SAVING).isNotNull(), F.col(RANK)))


def reaches(policy: str, costs: Costs, thresholds: Thresholds) -> Column:
    """Whether a row's probability, or its expected saving, reaches the policy's threshold of its model and fold."""
    if policy == "fixed":
        return F.col("probability") >= FIXED
    found = F.lit(None).cast("double")
    for (model, fold), of in thresholds.items():
        if of.get(policy) is not None:
            found = F.when((F.col("model") == model) & (F.col("fold") == fold), of[policy]).otherwise(found)
    if policy != "saving_threshold":
        return F.coalesce(F.col("probability") >= found, F.lit(False))
    saved = F.expr(saving(costs.actions))
    return F.coalesce((saved >= found) & (saved > 0), F.lit(False))
