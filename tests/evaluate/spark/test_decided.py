"""One set of rules: what Spark decides by their expressions and what sums say was decided is what numpy decides.

A world is the rows of a fold: two days with costs, probabilities and thresholds so coarse that many are equal. Those of
all declarable actions are decided in one job.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tests.decide import reference
from tillthen import Challenge, Costs, Review
from tillthen.decide.costs import CostTable
from tillthen.decide.rules import RULES
from tillthen.evaluate.spark.collect import by_size
from tillthen.evaluate.spark.decided import decide
from tillthen.evaluate.spark.exact_sums import decisions
from tillthen.evaluate.sums.cells import Cells, unpacked
from tillthen.evaluate.sums.consequences import tally, with_capacity
from tillthen.evaluate.sums.question import Question

OPERABLE = [name for name in RULES if name != "oracle"]
DAYS = (100, 101)
EIGHTHS = 8
"""Probabilities are eighths and costs small whole numbers, so that expected costs are exact and often equal."""

declared = partial(Costs, "amount", unit="minor", currency="EUR", margin=0.1, chargeback_fee=3, contact=2)
COSTS = (declared(), declared(review=Review(1)), declared(challenge=Challenge(1)),
         declared(review=Review(1, misses=0.5), challenge=Challenge(1)))  # fmt: skip


@dataclass(frozen=True)
class World:
    """The rows of a fold with its thresholds, and what parts of its days it tests."""

    rows: list[tuple[Any, ...]]
    thresholds: dict[str, float | None]
    parts: dict[int, tuple[Fraction, Fraction]]


def eighths(most: int) -> st.SearchStrategy[float | None]:
    return st.none() | st.integers(0, most).map(lambda n: n / EIGHTHS)


def worlds_of(costs: Costs) -> st.SearchStrategy[list[World]]:
    part = st.lists(st.integers(0, 6), min_size=2, max_size=2, unique=True).map(sorted)
    row = st.tuples(
        st.sampled_from(DAYS), st.integers(0, EIGHTHS), st.sampled_from([None, 0, 1]), st.booleans(),
        st.sampled_from(costs.actions), *[st.integers(0, 6)] * (2 * len(costs.actions)),
    )  # fmt: skip
    world = st.builds(
        World,
        st.lists(row, min_size=1, max_size=10),
        st.fixed_dictionaries({"best_f1": eighths(8), "empirical": eighths(8), "saving_threshold": eighths(24)}),
        st.dictionaries(st.sampled_from(DAYS), part.map(lambda ends: tuple(Fraction(end, 6) for end in ends))),
    )
    return st.lists(world, min_size=6, max_size=6)


def model_of(fold: int) -> str:
    return ("plain", "it's")[fold % 2]


def table_of(costs: Costs, worlds: list[World]) -> pd.DataFrame:
    """All worlds' rows; the row parts of costs are any numbers, different for each row."""
    names = [f"{action}_{outcome}" for action in costs.actions for outcome in ("fraud", "genuine")]
    rows = [(model_of(fold), fold, *row) for fold, world in enumerate(worlds) for row in world.rows]
    frame = pd.DataFrame(rows, columns=["model", "fold", "day", "probability", "label", "excluded", "action", *names])
    frame["row_id"], frame["probability"] = np.arange(len(frame)), frame["probability"] / EIGHTHS
    frame["as_of"], frame["amount"] = pd.to_datetime(frame["day"], unit="D", utc=True), frame["row_id"] % 7 + 1.0
    frame[names] = frame[names].astype(float)
    for i, base in enumerate(costs.bases.values()):
        frame[base] = (frame["row_id"] * (i + 3) % 11).astype(float)
    return frame.astype({"label": "Int8"})


def question(costs: Costs, worlds: list[World], capacity: int) -> Question:
    thresholds = {(model_of(fold), fold): world.thresholds for fold, world in enumerate(worlds)}
    parts = {(fold, day): part for fold, world in enumerate(worlds) for day, part in world.parts.items()}
    return Question(costs, "capacity", capacity, cards=False, thresholds=thresholds, parts=parts)


def decided(rows: DataFrame, asked: Question) -> DataFrame:
    """By row every policy's action, the number that sums are made by, and the least queue that takes the row."""
    found = rows.withColumn("decided", decisions(asked))
    for policy in OPERABLE:
        found = decide(found, asked.costs, policy, capacity=asked.capacity, thresholds=asked.thresholds,
                       parts=asked.parts).withColumnRenamed("action", f"by_{policy}")  # fmt: skip
    sized = by_size(rows.where("NOT excluded"), asked).select("row_id", "size")
    return found.join(sized, "row_id", "left").select("row_id", "decided", "size", *[f"by_{name}" for name in OPERABLE])


def by_numpy(world: World, costs: CostTable, rows: pd.DataFrame, capacity: int) -> dict[str, np.ndarray]:
    """Every policy's decisions on a world's rows, as positions."""
    p, labels = rows["probability"].to_numpy(), rows["label"].to_numpy(dtype=float, na_value=np.nan)
    kept = ~rows["excluded"].to_numpy()

    def allowed(day: int) -> int:
        start, end = world.parts.get(day, (Fraction(0), Fraction(1)))
        return int(capacity * end) - int(capacity * start)

    queued = reference.others(p, costs)
    queued[kept] = reference.capacity(p[kept], costs.take(kept), rows["day"].to_numpy()[kept], allowed)
    limits = {"fixed": 0.5, **world.thresholds}
    return {
        "none": np.zeros(len(rows), int),
        "all": np.full(len(rows), len(costs.actions) - 1),
        **{name: reference.declined(costs, reference.above(p, limits[name]))
           for name in ("fixed", "best_f1", "empirical")},
        "bayes_minimum_risk": reference.cheapest(p, costs),
        "capacity": queued,
        "saving_threshold": reference.by_saving(p, costs, limits["saving_threshold"]),
        "oracle": reference.oracle(labels, costs),
        "others": reference.others(p, costs),
    }  # fmt: skip


def cells_of(costs: Costs, rows: pd.DataFrame) -> Cells:
    """A cell for each row."""
    fraud, amount = (rows["label"] == 1).to_numpy(dtype=float, na_value=0.0), rows["amount"].to_numpy()
    sums = {"n": np.ones(len(rows)), "positives": fraud, "amount": amount, "fraud_amount": amount * fraud}
    for base in costs.bases.values():
        sums |= {f"{base}_fraud": rows[base].to_numpy() * fraud, f"{base}_genuine": rows[base].to_numpy() * (1 - fraud)}
    return Cells(costs, sums | unpacked(rows["decided"].to_numpy()) | {"size": rows["size"].to_numpy(dtype=float)})


def check(costs: Costs, world: World, rows: pd.DataFrame, asked: Question) -> None:
    """``rows`` are the world's, with what Spark decided."""
    table = CostTable.of({name: rows[name].to_numpy() for name in rows if name.endswith(("_fraud", "_genuine"))})
    wanted, cells = by_numpy(world, table, rows, asked.capacity), cells_of(costs, rows)
    for policy in OPERABLE:
        assert rows[f"by_{policy}"].tolist() == [costs.actions[i] for i in wanted[policy]], policy
    for policy in wanted.keys() - {"capacity"}:
        assert cells.chosen(policy).tolist() == wanted[policy].tolist(), policy
    assert cells.chosen("operating").tolist() == [costs.actions.index(action) for action in rows["action"]]
    known = rows["label"].notna().to_numpy() & ~rows["excluded"].to_numpy()
    counted, ranked = cells.take(known), cells.take(known & rows["size"].notna().to_numpy())
    # Not of parts of days: there a longer queue may have fewer places, which the least size cannot say.
    for size in () if world.parts else asked.sizes:
        queue = by_numpy(world, table, rows, size)["capacity"][known]
        assert with_capacity(counted, ranked, size) == tally(counted, queue), size


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.tuples(*map(worlds_of, COSTS)), st.integers(1, 6))
def test_spark_and_the_sums_decide_as_numpy_does(spark: SparkSession, drawn: tuple[list[World], ...], capacity: int):
    tables = [table_of(costs, worlds) for costs, worlds in zip(COSTS, drawn, strict=True)]
    asked = [question(costs, worlds, capacity) for costs, worlds in zip(COSTS, drawn, strict=True)]
    frames = [spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False)) for table in tables]
    made = [decided(frame, one).withColumn("at", F.lit(i))
            for i, (frame, one) in enumerate(zip(frames, asked, strict=True))]  # fmt: skip
    found = reduce(DataFrame.unionByName, made).toArrow().to_pandas()
    for i, (costs, worlds) in enumerate(zip(COSTS, drawn, strict=True)):
        rows = tables[i].merge(found[found["at"] == i].drop(columns="at"), on="row_id", validate="1:1")
        for fold, world in enumerate(worlds):
            check(costs, world, rows[rows["fold"] == fold].reset_index(drop=True), asked[i])
