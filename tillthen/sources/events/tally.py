"""Why rows are not events, decided row by row and counted in one job."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import back_dated

VERDICT = "__verdict"
BACK_DATED = "back_dated"

Reasons = Mapping[str, Column]
"""Conditions in the order in which they count, by the name of the fact; null is false."""


def judge(frame: DataFrame, reasons: Reasons) -> DataFrame:
    """Add to each row the number, from 1, of the first reason that holds; 0 for none."""
    verdict = F.lit(0)
    for number, holds in reversed(list(enumerate(reasons.values(), 1))):
        verdict = F.when(holds, number).otherwise(verdict)
    return frame.withColumn(VERDICT, verdict)


def kept(judged: DataFrame) -> DataFrame:
    """The rows that no reason drops."""
    return judged.where(F.col(VERDICT) == 0)


def dropped(judged: DataFrame, reasons: Reasons, name: str) -> DataFrame:
    """The rows that this reason drops."""
    return judged.where(F.col(VERDICT) == list(reasons).index(name) + 1)


def count(judged: DataFrame, source: Source, reasons: Reasons) -> dict[str, int]:
    """Rows, rows by reason, and those that are back-dated. A null id, which tells no event apart, is refused."""
    null_id = F.col(quoted(source.id)).isNull() if source.id else F.lit(False)
    row = judged.agg(
        F.count("*").alias("rows"),
        F.count_if(null_id).alias("null_id"),
        F.count_if(back_dated(source)).alias(BACK_DATED),
        *[F.count_if(F.col(VERDICT) == number).alias(name) for number, name in enumerate(reasons, 1)],
    ).first()
    assert row is not None
    facts: dict[str, int] = row.asDict()
    nulls = facts.pop("null_id")
    if nulls:
        raise DataContractError(
            sentence(f"Source '{source.name}': '{source.id}' is null in {nulls} of {facts['rows']} rows",
                     fix="Fill it in or remove the rows; without id= every row is an event of its own.")
        )  # fmt: skip
    return facts
