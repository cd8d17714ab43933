"""From the table of scores to sums, in Spark: the driver holds curves, never rows.

Jobs: rows are counted; sums by score and by decision, of clusters and segments, too; counts of clusters and segments by
score; the cards at the top of each day; rows by rank of expected saving; the costs under changed inputs; the dearest
mistakes. Each brings back a number of rows that depends on days, capacities and steps of the grid, not on the number of
scored rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from tillthen.decide.actions import saving
from tillthen.decide.rules import taken
from tillthen.evaluate.results.sensitivity import spent, variants
from tillthen.evaluate.spark.decided import RANK, allowed, ranked, reaches
from tillthen.evaluate.spark.exact_sums import counted, prepared, summed, sums
from tillthen.evaluate.spark.extremes import top_cards, worst
from tillthen.evaluate.sums.arrived import cells_of
from tillthen.evaluate.sums.by_model import Collected, ModelCells, Slice, at_steps, bins
from tillthen.evaluate.sums.cells import Cells
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import as_numpy
from tillthen.runtime.workers import in_batches

BILLION = 10**9
CHANGED = StructType([StructField("model", StringType()), *(StructField(name, LongType()) for name in
                      ("variant", "whole", "rest"))])  # fmt: skip


def collect(scores: DataFrame, question: Question) -> Collected:
    """Sum what `tillthen.evaluate.results.measures` needs; rows whose label is not known are in nothing."""
    begun = scores.agg(F.count("*").alias("rows"), F.min("day").alias("day")).collect()[0]
    exact = begun["rows"] <= question.exact_rows
    rows = _known(scores, question)
    if exact:
        rows = rows.persist()
    try:
        return Collected("exact" if exact else "grid", _models(rows, scores, question, exact, begun["day"] or 0))
    finally:
        rows.unpersist()


def collect_sums(scores: DataFrame, question: Question, method: str) -> Collected:
    """The sums alone, which is all that `tillthen.evaluate.results.metrics` needs, but for cards."""
    models, _ = _sums(_known(scores, question), question, method == "exact")
    return Collected(method, models)


def _known(scores: DataFrame, question: Question) -> DataFrame:
    return prepared(scores.where(F.col("label").isNotNull()), question)


def _models(rows: DataFrame, scores: DataFrame, question: Question, exact: bool, first: int) -> dict[str, ModelCells]:
    models, steps = _sums(rows, question, exact)
    kept = rows.where(~F.col("excluded"))
    everyone = prepared(scores.where(~F.col("excluded")), question)
    capacity, changed = _capacity(everyone, question, models), _changed(kept, question)
    taken = _taken(everyone, question)
    tops, tops_all = top_cards(prepared(scores, question), steps, question, first) if question.cards else ({}, {})
    mistakes = worst(kept, question)
    return {
        model: replace(
            of,
            capacity=capacity[model],
            taken=taken.get(model, []),
            sensitivity=changed.get(model, {}),
            cards=tops.get(model),
            cards_all=tops_all.get(model),
            worst=mistakes.get(model, {"misses": [], "insults": []}),
        )
        for model, of in models.items()
    }


def _sums(rows: DataFrame, question: Question, exact: bool) -> tuple[dict[str, ModelCells], dict[str, Cells]]:
    """Each model's sums, and its rows by day and step."""
    sums_ = summed(rows, question, exact)
    bins_ = {model: bins(of["scores"]) for model, of in sums_.items()}
    most = int(sum(of["scores"]["n"].sum() for of in sums_.values()))
    counts = counted(rows, question, bins_, most if exact else None)
    models = {}
    for model, of in sums_.items():
        scores = of["scores"] if exact else at_steps(of["scores"])
        decisions, by_step = of["decisions"], counts[model]["day"]
        by_bin = by_step.with_columns(bin=bins_[model][by_step["step"]]).by("excluded", "cluster", "bin")
        day = Slice(decisions.with_columns(cluster=decisions["day"]).counted, by_bin.counted)
        slices = {kind: Slice(of[kind].counted, counts[model][kind].counted) for kind in of if kind in counts[model]}
        segments = {name: slices.pop(f"segment_{name}") for name in question.segments}
        nothing = decisions.take(np.zeros(0, dtype=np.int64))
        models[model] = ModelCells(scores, decisions, bins_[model], {"day": day} | slices, segments, nothing)
    return models, {model: of["day"] for model, of in counts.items()}


def _capacity(rows: DataFrame, question: Question, models: Iterable[str]) -> dict[str, Cells]:
    """Sums by the smallest of the question's sizes that the row's rank is in; rows without a label have ranks, too."""
    top = by_size(rows, question).where(F.col("label").isNotNull())
    found = [column.alias(name) for name, column in sums(question).items()]
    table = top.groupBy("model", "size", "decided").agg(*found).toArrow()
    return {model: cells_of(table, question.costs, ("size", "decided"), list(sums(question)), model=model)
            for model in models}  # fmt: skip


def by_size(rows: DataFrame, question: Question) -> DataFrame:
    """The rows that the largest queue may take, with ``size``, the smallest that does; null where none does."""
    size = F.lit(None).cast("int")
    for k in reversed(question.sizes):
        within = taken("capacity", question.costs.actions, rank=RANK, allowed=allowed(k, question.parts))
        size = F.when(F.expr(within), k).otherwise(size)
    saves = rows.where(F.expr(saving(question.costs.actions)) > 0)
    return ranked(saves, question.costs).where(F.col(RANK) <= question.sizes[-1]).withColumn("size", size)


def _taken(rows: DataFrame, question: Question) -> dict[str, list[int]]:
    """By model how many rows a threshold of expected saving takes on each day that has any, with a label or without."""
    reached = rows.where(reaches("saving_threshold", question.costs, question.thresholds))
    found: dict[str, list[int]] = {}
    for row in reached.groupBy("model", "day").count().collect():
        found.setdefault(row["model"], []).append(row["count"])
    return found


def _changed(rows: DataFrame, question: Question) -> dict[str, dict[tuple[str, float], float]]:
    """Each model's cost of Bayes minimum risk under each changed input."""
    costs = question.costs
    bases = list(costs.bases.values())

    def of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for model in pc.unique(batch["model"]).to_pylist():
                part = batch.filter(pc.equal(batch["model"], model))
                arrays = {name: as_numpy(part[name]).astype(np.float64) for name in bases}
                cost = np.stack(spent(costs, arrays, as_numpy(part["probability"]), as_numpy(part["label"])))
                whole = np.floor(cost)  # integers, as in `exact_sum`: a batch is what partitions make it
                parts = {"whole": whole, "rest": np.rint((cost - whole) * BILLION)}
                found = {name: pa.array(of.astype(np.int64).sum(axis=1)) for name, of in parts.items()}
                names = pa.array([model] * len(cost), pa.string())
                variant = pa.array(range(len(cost)), pa.int64())
                yield pa.RecordBatch.from_pydict({"model": names, "variant": variant, **found})

    read = rows.select("model", "probability", "label", *bases)
    summed_up = in_batches(read, of_batches, CHANGED)
    keys = variants(costs)
    found: dict[str, dict[tuple[str, float], float]] = {}
    totals = summed_up.groupBy("model", "variant").agg(F.sum("whole").alias("whole"), F.sum("rest").alias("rest"))
    for row in totals.collect():
        cost = (row["whole"] * BILLION + row["rest"]) / BILLION  # of integers: rounded once
        found.setdefault(row["model"], {})[keys[row["variant"]]] = cost
    return found
