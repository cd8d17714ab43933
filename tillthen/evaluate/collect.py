"""From the table of scores to sums, in Spark: the driver holds curves, never rows.

Jobs: rows are counted; cells by score; sums by groups of cards, of pairs and by segment; the cards at the top of each
day; rows by rank of expected saving; the costs under changed inputs; the dearest mistakes. Each brings back a number of
rows that depends on days, capacities and steps of the grid, not on the number of scored rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.decide.actions import cheapest, least_expected, saving
from tillthen.evaluate.cells import FLAGS, SUMS, Cells, unpacked
from tillthen.evaluate.collected import NEAREST, STEPS, Collected, ModelCells, TopCards, bins, lowest
from tillthen.evaluate.decided import ranked, reaches, without_limited
from tillthen.evaluate.extremes import at, of_model, top_cards, worst
from tillthen.evaluate.question import Question
from tillthen.evaluate.resampling import GROUPS
from tillthen.evaluate.sensitivity import spent, variants
from tillthen.runtime.arrays import Ints

Frames = dict[str, pd.DataFrame]
"""By model."""


def collect(scores: DataFrame, question: Question) -> Collected:
    """Sum what `tillthen.evaluate.measures` needs; rows whose label is not known are in nothing."""
    known = scores.where(F.col("label").isNotNull())
    exact = scores.count() <= question.exact_rows
    rows = _prepared(known, question)
    if exact:
        rows = rows.persist()
    try:
        return Collected("exact" if exact else "grid", _models(rows, question, exact))
    finally:
        rows.unpersist()


def _models(rows: DataFrame, question: Question, exact: bool) -> dict[str, ModelCells]:
    counted = rows.where(~F.col("excluded"))
    cells = {model: _cells(question, frame) for model, frame in _by_model(_cell_sums(rows, question, exact)).items()}
    found = {model: bins(of) for model, of in cells.items()}
    slices = _by_model(_slices(counted, question, found, exact))
    capacity = _by_model(_capacity(counted, question))
    changed = _changed(counted, question)
    tops, tops_all = _cards(rows, counted, cells, question)
    mistakes = worst(counted, question)
    return {
        model: ModelCells(
            of,
            found[model],
            {kind: _cells(question, _kind(slices, model, kind)) for kind in ("card", "pair")},
            {name: _cells(question, _kind(slices, model, f"segment_{name}")) for name in question.segments},
            _cells(question, capacity.get(model, pd.DataFrame())),
            changed.get(model, {}),
            tops.get(model),
            tops_all.get(model),
            mistakes.get(model, {"misses": [], "insults": []}),
        )
        for model, of in cells.items()
    }  # fmt: skip


def _cards(
    rows: DataFrame, counted: DataFrame, cells: Mapping[str, Cells], question: Question
) -> tuple[dict[str, TopCards], dict[str, TopCards]]:
    """The cards at the top, of the rows that count and of all."""
    if not question.cards:
        return {}, {}
    kept = {model: of.take(~of["excluded"].astype(bool)) for model, of in cells.items()}
    tops = top_cards(counted, kept, question)
    left_out = any(of["excluded"].any() for of in cells.values())
    return tops, top_cards(rows, cells, question) if left_out else tops


def _prepared(rows: DataFrame, question: Question) -> DataFrame:
    """The columns that any of the jobs reads, with every policy's decision in one number."""
    own = F.xxhash64(F.lit("row"), "row_id")
    card = F.when(F.col("card").isNull(), own).otherwise(F.xxhash64("card")) if question.cards else own
    pair = F.xxhash64(F.lit("pair"), card, "day")
    names = dict.fromkeys(["model", "fold", "day", "row_id", "card", "as_of", "label", "excluded", "score",
                           "probability", "action", *question.costs.columns])  # fmt: skip
    kept = [name for name in names if name != "card" or question.cards]
    return rows.select(
        *kept,
        *[F.coalesce(F.col(f"segment_{name}").cast("string"), F.lit("null")).alias(f"segment_{name}")
          for name in question.segments],
        _step("probability").alias("step"),
        _step("score").alias("score_step"),
        _decided(question).alias("decided"),
        F.pmod(card, F.lit(GROUPS)).cast("int").alias("card_group"),
        F.pmod(pair, F.lit(GROUPS)).cast("int").alias("pair_group"),
        *([F.col("reasons")] if "reasons" in rows.columns else []),
    )  # fmt: skip


def _step(column: str) -> Column:
    """`tillthen.evaluate.collected.step` of a column."""
    p = F.least(F.greatest(F.col(column), F.lit(NEAREST)), F.lit(1 - NEAREST))
    return (F.floor(F.log(p / (1 - p)) * STEPS) - lowest()).cast("int")


def _decided(question: Question) -> Column:
    """The number that `tillthen.evaluate.cells.unpacked` takes apart."""
    actions = question.costs.actions
    named = F.array(*[F.lit(action) for action in actions])
    outcome = F.when(F.col("label") == 1, _least(question, "fraud")).otherwise(_least(question, "genuine"))
    policies = (F.expr(least_expected(actions)), outcome, F.col("action"), F.expr(without_limited(actions)))
    code = F.lit(0).cast("bigint")
    for i, action in enumerate(policies):
        code += F.shiftleft((F.array_position(named, action) - 1).cast("bigint"), 2 * i)
    for i, flag in enumerate(FLAGS):
        code += F.shiftleft(reaches(flag, question.thresholds).cast("bigint"), 2 * len(policies) + i)
    return code


def _least(question: Question, outcome: str) -> Column:
    return F.expr(cheapest(question.costs.actions, f"{{}}_{outcome}"))


def _sums(question: Question) -> list[Column]:
    """Sums that come out the same to the last bit in whatever order rows are added."""
    fraud, amount = F.col("label").cast("double"), F.col("amount")
    outcome = {"fraud": fraud, "genuine": 1 - fraud}
    return [
        F.count("*").cast("double").alias("n"),
        F.sum("label").cast("double").alias("positives"),
        _exact_sum(amount).alias("amount"),
        _exact_sum(amount * fraud).alias("fraud_amount"),
        _exact_sum(amount * F.col("probability")).alias("expected_amount"),
        *[_exact_sum(F.col(base) * outcome[of]).alias(f"{base}_{of}") for base, of in question.bases],
    ]


def _exact_sum(value: Column) -> Column:
    """A sum of numbers cut to billionths, whole parts and fractions apart: integers do not mind their order."""
    whole = F.floor(value)
    return F.sum(whole).cast("double") + F.sum(F.floor((value - whole) * 2.0**30)).cast("double") / 2.0**30


def _mean(column: str) -> Column:
    """The mean of probabilities, cut to 2**-36, in the same way."""
    return F.sum(F.floor(F.col(column) * 2.0**36)).cast("double") / 2.0**36 / F.count("*")


def _cell_sums(rows: DataFrame, question: Question, exact: bool) -> DataFrame:
    keys = ["model", "fold", "day", "excluded", "decided", "step"]
    if exact:
        return rows.groupBy(*keys, "probability", "score").agg(*_sums(question))
    return rows.groupBy(*keys, "score_step").agg(
        *_sums(question), _mean("probability").alias("probability"), _mean("score").alias("score")
    )


def _slices(rows: DataFrame, question: Question, bins: Mapping[str, Ints], exact: bool) -> DataFrame:
    """Sums by groups of cards and of pairs in bins of the probability, and by segment."""
    bin_ = of_model({model: at(of, F.col("step")) for model, of in bins.items()})
    fine = F.col("probability") if exact else F.col("step").cast("double")

    def slice_(kind: str, key: str, place: Column) -> Column:
        return F.struct(F.lit(kind).alias("kind"), F.col(key).cast("string").alias("value"),
                        place.cast("double").alias("bin"))  # fmt: skip

    kinds = [slice_(kind, f"{kind}_group", bin_) for kind in ("card", "pair")]
    kinds += [slice_(f"segment_{name}", f"segment_{name}", fine) for name in question.segments]
    return (
        rows.withColumn("slice", F.explode(F.array(*kinds)))
        .groupBy("model", "slice.kind", "slice.value", "slice.bin", "decided")
        .agg(*_sums(question), (F.min if exact else _mean)("probability").alias("probability"))
    )


def _capacity(rows: DataFrame, question: Question) -> DataFrame:
    """Sums by the smallest of the question's sizes that the row's rank is in."""
    sizes = question.sizes
    size = F.lit(None).cast("int")
    for k in reversed(sizes):
        size = F.when(F.col("__rank") <= k, k).otherwise(size)
    saves = rows.where(F.expr(saving(question.costs.actions)) > 0)
    top = ranked(saves, question.costs).where(F.col("__rank") <= sizes[-1])
    return top.withColumn("size", size).groupBy("model", "size", "decided").agg(*_sums(question))


def _changed(rows: DataFrame, question: Question) -> dict[str, dict[tuple[str, float], float]]:
    """Each model's cost of Bayes minimum risk under each changed input."""
    costs = question.costs
    bases = list(costs.bases.values())

    def of_batches(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            for model, part in batch.groupby("model"):
                arrays = {name: part[name].to_numpy(dtype=np.float64) for name in bases}
                found = spent(costs, arrays, part["probability"].to_numpy(), part["label"].to_numpy())
                yield pd.DataFrame({"model": model, "variant": range(len(found)), "cost": found})

    read = rows.select("model", "probability", "label", *bases)
    sums = (
        read.mapInPandas(of_batches, "model string, variant int, cost double")
        .groupBy("model", "variant")
        .agg(_exact_sum(F.col("cost")).alias("cost"))
    )
    keys = variants(costs)
    found: dict[str, dict[tuple[str, float], float]] = {}
    for row in sums.collect():
        found.setdefault(row["model"], {})[keys[row["variant"]]] = row["cost"]
    return found


def _by_model(frame: DataFrame) -> Frames:
    table = frame.toArrow().to_pandas()
    return {str(model): rows.drop(columns="model").reset_index(drop=True) for model, rows in table.groupby("model")}


def _kind(slices: Frames, model: str, kind: str) -> pd.DataFrame:
    frame = slices.get(model)
    return pd.DataFrame() if frame is None else frame[frame["kind"] == kind].drop(columns="kind")


def _cells(question: Question, frame: pd.DataFrame) -> Cells:
    """A frame of sums as cells, the policies' decisions taken apart, in an order that no partition decides."""
    keys = [name for name in frame.columns if name not in _summed(question) and name != "probability"]
    table = frame.sort_values([*keys, *(["probability"] if "probability" in frame else [])], kind="stable")
    columns = {name: table[name].to_numpy() for name in table.columns if name != "decided"}
    empty = dict.fromkeys(_summed(question), np.zeros(0))
    decided = table["decided"].to_numpy() if "decided" in table else np.zeros(0, dtype=np.int64)
    return Cells(question.costs, empty | columns | unpacked(decided))


def _summed(question: Question) -> tuple[str, ...]:
    return (*SUMS, *(f"{base}_{outcome}" for base, outcome in question.bases))
