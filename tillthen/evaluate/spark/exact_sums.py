"""Rows put together in Spark: sums that come out the same to the last bit in whatever order rows are added.

Two jobs give nearly everything, `summed` and `counted`, the latter in parts where it would bring too much: in each of
them a row goes into one sum of every kind. Nobody needs a score and a day and a decision together, and of their
combinations there are nearly as many as rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.decide.rules import CHOICES, FLAGS
from tillthen.evaluate.spark.decided import reaches
from tillthen.evaluate.spark.extremes import at, of_model
from tillthen.evaluate.statistics.resampling import GROUPS
from tillthen.evaluate.sums.arrived import ByKind, by_kind
from tillthen.evaluate.sums.by_model import AGE_DAYS, NEAREST, STEPS, lowest
from tillthen.evaluate.sums.cells import POLICY_KEYS, Cells
from tillthen.evaluate.sums.question import Question
from tillthen.runtime.arrays import Ints
from tillthen.runtime.driver import column_groups

GROUPED = ("card", "pair")
"""Clusters that are groups by a hash."""
COUNTS = ("n", "positives", "amount", "fraud_amount")
"""The sums that are found by score."""
OWN = 9
"""Columns of `counted` beside these: what a sum is of, and the mean."""


def prepared(rows: DataFrame, question: Question) -> DataFrame:
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
        (F.col("day") - F.pmod(F.col("day") + 3, F.lit(7))).alias("week"),  # the epoch's first day was a Thursday
        _age(question.ages).alias("age"),
        _step("probability").alias("step"),
        _step("score").alias("score_step"),
        decisions(question).alias("decided"),
        _place(question, F.col("action")).alias("operating"),
        F.pmod(card, F.lit(GROUPS)).cast("int").alias("card_group"),
        F.pmod(pair, F.lit(GROUPS)).cast("int").alias("pair_group"),
        *([F.col("reasons")] if "reasons" in rows.columns else []),
    )  # fmt: skip


def summed(rows: DataFrame, question: Question, exact: bool) -> ByKind:
    """All `sums` by model and by "scores", "decisions", and clusters' and segments' operating decisions."""
    probability = ("probability", "score") if exact else ("score_step",)
    kinds = {
        "scores": _same("fold", "week", "age", "step", *probability),
        "decisions": _same("fold", "day", "week", "age", "decided"),
        **{kind: {"cluster": F.col(f"{kind}_group"), **_same("operating")} for kind in GROUPED},
        **{f"segment_{name}": {"value": F.col(f"segment_{name}"), **_same("operating")} for name in question.segments},
    }
    means = {} if exact else {name: _mean(name) for name in ("probability", "score")}
    return _by_kind(rows, question, kinds, sums(question) | means)


def counted(rows: DataFrame, question: Question, bins: Mapping[str, Ints], most: int | None) -> ByKind:
    """Rows, frauds and amounts by model, by each day's steps, by groups' bins, and by segments' probabilities.

    ``most`` is the number of rows where every distinct probability is kept, None on the grid. Each segment may then
    bring as many sums, so they come in jobs of at most `MOST_CELLS`.
    """
    bin_ = of_model({model: at(of, F.col("step")) for model, of in bins.items()})
    probability = F.col("step").cast("double") if most is None else F.col("probability")
    kinds = {
        "day": {"cluster": F.col("day"), **_same("step")},
        **{kind: {"cluster": F.col(f"{kind}_group"), "bin": bin_} for kind in GROUPED},
        **{f"segment_{name}": {"value": F.col(f"segment_{name}"), "place": probability} for name in question.segments},
    }
    counts = {name: of for name, of in sums(question).items() if name in COUNTS}
    mean = _mean("probability") if most is None else F.min("probability")
    found: dict[str, dict[str, Cells]] = {}
    for names in column_groups([*kinds], (most or 0) * (len(counts) + OWN)):
        part = _by_kind(rows, question, {name: kinds[name] for name in names}, counts | {"probability": mean})
        for model, cells in part.items():
            found.setdefault(model, {}).update(cells)
    return found


def _same(*names: str) -> dict[str, Column]:
    return {name: F.col(name) for name in names}


def _by_kind(
    rows: DataFrame, question: Question, kinds: Mapping[str, Mapping[str, Column]], found: Mapping[str, Column]
) -> ByKind:
    """What is found of the rows put together by each kind's keys, in one job; keys that a kind has not are null."""
    names = list(dict.fromkeys(name for keys in kinds.values() for name in keys))
    structs = [
        F.struct(F.lit(kind).alias("kind"), *[keys.get(name, F.lit(None)).alias(name) for name in names])
        for kind, keys in kinds.items()
    ]
    exploded = rows.withColumn("by", F.explode(F.array(*structs)))
    grouped = exploded.groupBy("model", "excluded", *[f"by.{name}" for name in ("kind", *names)])
    table = grouped.agg(*[column.alias(name) for name, column in found.items()]).toArrow()
    return by_kind(table, question.costs, {kind: ("excluded", *keys) for kind, keys in kinds.items()}, list(found))


def sums(question: Question) -> dict[str, Column]:
    """The sums of `tillthen.evaluate.sums.cells.SUMS`, and of the costs' row parts."""
    fraud, amount, p = F.col("label").cast("double"), F.col("amount"), F.col("probability")
    outcome = {"fraud": fraud, "genuine": 1 - fraud}
    return {
        "n": F.count("*").cast("double"),
        "positives": F.sum("label").cast("double"),
        "amount": exact_sum(amount),
        "fraud_amount": exact_sum(amount * fraud),
        "expected_amount": exact_sum(amount * p),
        "expected": exact_sum(p),
        "squared": exact_sum((p - fraud) * (p - fraud)),
        **{f"{base}_{of}": exact_sum(F.col(base) * outcome[of]) for base, of in question.bases},
    }


def exact_sum(value: Column) -> Column:
    """A sum of numbers to billionths, whole parts and fractions apart: integers do not mind their order.

    Whole minor units are summed as they are; the whole and its billionths are put together as decimals, rounded once.
    """
    whole = F.floor(value)
    billionths = F.rint((value - whole) * 1e9).cast("bigint")
    rest = F.sum(billionths).cast("decimal(19,0)") * F.lit(Decimal("1e-9"))
    return (F.sum(whole).cast("decimal(19,0)") + rest).cast("double")


def _mean(column: str) -> Column:
    """The mean of probabilities, cut to 2**-36, in the same way."""
    return F.sum(F.floor(F.col(column) * 2.0**36)).cast("double") / 2.0**36 / F.count("*")


def _step(column: str) -> Column:
    """`tillthen.evaluate.sums.by_model.step` of a column."""
    p = F.least(F.greatest(F.col(column), F.lit(NEAREST)), F.lit(1 - NEAREST))
    return (F.floor(F.log(p / (1 - p)) * STEPS) - lowest()).cast("int")


def _age(ages: Mapping[int, int]) -> Column:
    """The model's age at the decision in whole weeks; negative where it is not known."""
    begun = F.lit(None).cast("int")
    for fold, day in ages.items():
        begun = F.when(F.col("fold") == fold, day).otherwise(begun)
    return F.coalesce(F.floor((F.col("day") - begun) / AGE_DAYS), F.lit(-1)).cast("int")


def decisions(question: Question) -> Column:
    """Every policy's decision in the number that `tillthen.evaluate.sums.cells.unpacked` takes apart."""
    costs = question.costs
    chosen = {"operating": F.col("action"), **{name: F.expr(of(costs.actions)) for name, of in CHOICES.items()}}
    code = F.lit(0).cast("bigint")
    for i, name in enumerate(POLICY_KEYS):
        code += F.shiftleft(_place(question, chosen[name]).cast("bigint"), 2 * i)
    for i, flag in enumerate(FLAGS):
        code += F.shiftleft(reaches(flag, costs, question.thresholds).cast("bigint"), 2 * len(POLICY_KEYS) + i)
    return code


def _place(question: Question, action: Column) -> Column:
    """An action's position in the costs' actions."""
    named = F.array(*[F.lit(name) for name in question.costs.actions])
    return (F.array_position(named, action) - 1).cast("int")
