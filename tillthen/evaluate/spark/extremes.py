"""The few rows that are looked at one by one: cards at the top of each day, and the dearest mistakes. In Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from tillthen.evaluate.sums.by_model import TopCards
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import Ints

SHOWN = 20
ROWS_A_CARD = 10
"""Rows that are looked at for each card that is needed; where they are too few, all are."""


def top_cards(
    rows: DataFrame, steps: Mapping[str, Cells], question: Question, first: int
) -> tuple[dict[str, TopCards], dict[str, TopCards]]:
    """Each day's cards by their highest score, as many as can matter for card precision: of rows that count, of all.

    Rows without a label are looked at as others are. Of a day at most ``capacity`` cards are out on later ones, so on
    the nth day the first n x capacity hold all that are looked at. Of cards with equal scores the one with the smaller
    id comes first. ``steps`` counts rows with a label by day (``cluster``), excluded and step: it tells from which step
    on there are rows enough, so that most need not be read. ``first`` is the first day of all rows.
    """
    if not steps:
        return {}, {}
    left_out = any(of["excluded"].any() for of in steps.values())
    lowest = {(model, False): _lowest_steps(of.counted, first, question.capacity) for model, of in steps.items()}
    if left_out:
        lowest |= {(model, True): _lowest_steps(of, first, question.capacity) for model, of in steps.items()}
    sets = F.when(F.col("excluded"), F.array(F.lit(True))).otherwise(F.array(F.lit(False), F.lit(True)))
    both = rows.withColumn("everything", F.explode(sets) if left_out else F.lit(False))
    table = _ranked(both, first, lowest, question)
    if not _enough(table, first, lowest, question):
        table = _ranked(both, first, {key: np.zeros_like(of) for key, of in lowest.items()}, question)
    found = {key: _as_cards(of) for key, of in table.groupby(["model", "everything"])}
    counted, whole = ({str(model): of for (model, all_), of in found.items() if all_ == wanted}
                      for wanted in (False, True))  # fmt: skip
    return counted, whole if left_out else counted


def _lowest_steps(cells: Cells, first: int, capacity: int) -> Ints:
    """For each day the highest step from which on there are ten rows for each card that can matter."""
    day, step = cells["cluster"].astype(np.int64) - first, cells["step"].astype(np.int64)
    found = np.zeros(int(day.max(initial=-1)) + 1, dtype=np.int64)
    for one in np.unique(day):
        rows = np.bincount(step[day == one], cells["n"][day == one])[::-1]
        wanted = ROWS_A_CARD * capacity * (one + 1)
        found[one] = max(len(rows) - 1 - int(np.searchsorted(np.cumsum(rows), wanted)), 0)
    return found


def _ranked(rows: DataFrame, first: int, lowest: Mapping[tuple[str, bool], Ints], question: Question) -> pd.DataFrame:
    """The cards that have a row in the steps, by rank within the day."""
    day = F.col("day") - first
    least = F.lit(0)
    for (model, everything), of in lowest.items():
        own = (F.col("model") == model) & (F.col("everything") == everything)
        least = F.when(own & (day < len(of)), at(of, F.least(day, F.lit(len(of) - 1)))).otherwise(least)
    best = (
        rows.where(F.col("card").isNotNull() & ((F.col("step") >= least) | ~F.col("label").eqNullSafe(0)))
        .groupBy("model", "everything", "day", "card")
        .agg(
            F.max("probability").alias("best"), F.max("step").alias("step"), F.max("label").alias("bad"),
            F.bool_and(F.col("label").isNotNull()).alias("labelled"),
            F.min("fold").alias("fold"),
        )
    )  # fmt: skip
    order = Window.partitionBy("model", "everything", "day").orderBy(F.col("best").desc(), "card")
    return (
        best.withColumn("rank", F.row_number().over(order))
        .where(F.col("rank") <= question.capacity * (day + 1))
        .select(
            "model", "everything", "fold", "day", "rank", "step", F.xxhash64("card").alias("card"), "bad", "labelled"
        )
        .toArrow()
        .to_pandas()
        .sort_values(["model", "everything", "day", "rank"])
    )


def at(values: Ints, place: Column) -> Column:
    """The value at a place, counted from 0."""
    # a text that is folded into one literal: an array of thousands of literals takes long to plan
    text = ",".join(map(str, values.tolist()))
    return F.element_at(F.split(F.lit(text), ",").cast("array<int>"), place.cast("int") + 1)


def of_model(of: Mapping[str, Column]) -> Column:
    """Each row's model's value, 0 for other models."""
    found = F.lit(0)
    for model, value in of.items():
        found = F.when(F.col("model") == model, value).otherwise(found)
    return found


def _enough(table: pd.DataFrame, first: int, lowest: Mapping[tuple[str, bool], Ints], question: Question) -> bool:
    """Whether each day has as many cards within its steps as can matter, or all that there are."""
    for (model, everything), of in lowest.items():
        own = table[(table["model"] == model) & (table["everything"] == everything)]
        for day in np.flatnonzero(of):
            here = own[own["day"] == first + day]
            if (here["step"] >= of[day]).sum() < question.capacity * (day + 1):
                return False
    return True


def _as_cards(table: pd.DataFrame) -> TopCards:
    fold, day, card = (table[name].to_numpy(dtype=np.int64) for name in ("fold", "day", "card"))
    bad = table["bad"].to_numpy() == 1
    return TopCards(fold, day, card, bad, bad | table["labelled"].to_numpy(dtype=bool))


def worst(rows: DataFrame, question: Question) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By model the dearest frauds that were approved and the dearest genuine payments that were not."""
    fraud = F.col("label") == 1
    kind = F.when(fraud & (F.col("action") == "approve"), "misses")
    kind = kind.when(~fraud & (F.col("action") != "approve"), "insults")
    cost = F.when(fraud, F.col("approve_fraud"))
    for action in question.costs.actions[1:]:
        cost = cost.when(~fraud & (F.col("action") == action), F.col(f"{action}_genuine"))
    order = Window.partitionBy("model", "kind").orderBy(F.col("cost").desc(), "as_of", "row_id")
    names = ["row_id", "as_of", "amount", "probability", "action", "cost"]
    reasons = ["reasons"] if "reasons" in rows.columns else []
    top = (
        rows.withColumns({"kind": kind, "cost": cost})
        .where(F.col("kind").isNotNull())
        .select("model", "kind", *names, *reasons)
        .withColumn("rank", F.row_number().over(order))
        .where(F.col("rank") <= SHOWN)
        .withColumn("cost", F.round("cost", 9))  # billionths: what is beyond is the doubles' own
        .withColumn("as_of", F.date_format("as_of", "yyyy-MM-dd'T'HH:mm:ssXXX"))
    )
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in sorted(top.collect(), key=lambda row: (row["model"], row["kind"], row["rank"])):
        of = found.setdefault(row["model"], {"misses": [], "insults": []})
        told = [reason.asDict() for reason in row["reasons"] or ()] if reasons else []
        of[row["kind"]].append({**{name: row[name] for name in names}, "row_id": masked(row["row_id"]),
                                "reasons": told})  # fmt: skip
    return found


def masked(row_id: object) -> str:
    """An id's last four characters.

    >>> masked(1234567)
    '…4567'
    """
    return f"…{str(row_id)[-4:]}"
