"""Decisions on scored rows in Spark: the expressions of `tillthen.decide.rules`, given what is a fold's own."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from tillthen.decide.actions import saving
from tillthen.decide.rules import RULES, decision, taken
from tillthen.define.backtests.cost import Costs
from tillthen.define.expressions.literals import literal
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
    known = [name for name in RULES if name != "oracle"]
    if policy not in known:
        raise DefinitionError(sentence(f"Unknown policy '{policy}'", fix=did_you_mean(policy, known)))
    given = {"threshold": threshold(policy, thresholds or {})}
    if policy == "capacity":
        if capacity is None or capacity < 1:
            raise DefinitionError(sentence("Policy 'capacity'", expected="at least 1 a day", got=capacity))
        given |= {"rank": f"IF(excluded, NULL, {RANK})", "allowed": allowed(capacity, parts or {})}
        frame = ranked(frame, costs, "excluded")
    return frame.withColumn("action", F.expr(decision(policy, costs.actions, **given))).drop(SAVING, RANK)


def allowed(capacity: int, parts: Parts) -> str:
    """Row expression: how many rows a row's fold may take on its day.

    Of parts of a day as many as the whole day has, together.
    """
    cases = {f"fold = {fold} AND day = {day}": str(int(capacity * end) - int(capacity * start))
             for (fold, day), (start, end) in parts.items()}  # fmt: skip
    return _case(cases, str(capacity))


def threshold(policy: str, thresholds: Thresholds) -> str:
    """Row expression: the policy's threshold of a row's model and fold, null where there is none."""
    cases = {f"model = {literal(model)} AND fold = {fold}": f"{float(value)!r}D"
             for (model, fold), of in thresholds.items() if (value := of.get(policy)) is not None}  # fmt: skip
    return _case(cases, "CAST(NULL AS DOUBLE)")


def _case(cases: dict[str, str], otherwise: str) -> str:
    text = "".join(f" WHEN {condition} THEN {value}" for condition, value in cases.items())
    return f"CASE{text} ELSE {otherwise} END" if text else otherwise


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
    return F.expr(taken(policy, costs.actions, threshold=threshold(policy, thresholds)))
