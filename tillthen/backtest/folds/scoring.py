"""Scoring in Spark: rows go by in Arrow batches, each is scored by every model of a fold, none reaches the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DoubleType,
    StringType,
    StructField,
    StructType,
)

from tillthen.backtest.folds.reasons import REASON, reasons
from tillthen.decide.costs import CostTable
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.define.expressions.literals import quoted
from tillthen.learn.calibration import Calibrator
from tillthen.learn.fitted import Fitted
from tillthen.runtime.arrays import Bools, Floats
from tillthen.runtime.workers import in_batches

SCORED = StructType(
    [
        StructField("model", StringType()),
        StructField("score", DoubleType()),
        StructField("probability", DoubleType()),
    ]
)
REASONS = StructType([StructField("reasons", ArrayType(REASON))])


@dataclass(frozen=True)
class Judge:
    """A trained model with its calibrator; ``flags`` is the probability from which its decisions are explained."""

    model: str
    fitted: Fitted
    calibrator: Calibrator
    flags: float | None = None

    def explained(self, probability: Floats, batch: pa.RecordBatch) -> Bools:
        """The rows that get reasons: those that may not be approved, and every positive, which may be missed."""
        positive = batch.column("label").fill_null(0).to_numpy(zero_copy_only=False) == 1
        if self.flags is not None:
            return positive | (probability >= self.flags)
        costs = CostTable.of(
            {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names
             if name.endswith(("_fraud", "_genuine"))}
        )  # fmt: skip
        return positive | (bayes_minimum_risk(probability, costs) != costs.actions.index("approve"))


def scored(rows: DataFrame, kept: Sequence[Column], judges: Sequence[Judge], *, explain: bool = False) -> DataFrame:
    """Each row once for each model: the ``kept`` columns, ``model``, raw ``score``, calibrated ``probability``.

    With ``explain`` also ``reasons``, null where a row has none; ``kept`` then holds the label and the costs.
    """
    texts = list(dict.fromkeys(name for judge in judges for name in judge.fitted.features))
    inputs = {name: f"__input{i}" for i, name in enumerate(texts)}
    named = {name for judge in judges for name in judge.fitted.encoding.categories}
    learned = {name for judge in judges if judge.fitted.learner != "rules" for name in judge.fitted.features}
    taken = rows.select(*kept, *[_input(name, name in learned, name in named).alias(alias)
                                 for name, alias in inputs.items()])  # fmt: skip
    head = StructType([field for field in taken.schema.fields if field.name not in inputs.values()])
    schema = StructType([*head.fields, *SCORED.fields, *(REASONS.fields if explain else ())])
    work = partial(score_batches, judges=tuple(judges), inputs=inputs, explain=explain)
    return in_batches(taken, work, schema)


def _input(name: str, is_column: bool, is_category: bool) -> Column:
    """A column as learners take it, or 1 where a rule holds."""
    if not is_column:
        return F.expr(f"CASE WHEN {name} THEN 1.0D ELSE 0.0D END")
    return F.col(quoted(name)) if is_category else F.col(quoted(name)).cast("double")


def score_batches(
    batches: Iterator[pa.RecordBatch], *, judges: Sequence[Judge], inputs: dict[str, str], explain: bool
) -> Iterator[pa.RecordBatch]:
    """Each batch once for each model: its columns but the inputs, then what the model makes of it."""
    for batch in batches:
        kept = [name for name in batch.schema.names if not name.startswith("__input")]
        columns = {name: pa.chunked_array([batch.column(alias)]) for name, alias in inputs.items()}
        for judge in judges:
            features = judge.fitted.encoding.matrix(columns)
            score = judge.fitted.score(features)
            probability = judge.calibrator.apply(score)
            made = [pa.array([judge.model] * len(score), pa.string()), pa.array(score), pa.array(probability)]
            names = [*kept, *SCORED.names]
            if explain:
                made.append(reasons(judge.fitted, features, columns, judge.explained(probability, batch)))
                names += REASONS.names
            yield pa.RecordBatch.from_arrays([batch.column(name) for name in kept] + made, names=names)
