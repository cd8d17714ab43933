"""The scored test rows of a backtest: a Delta table by model and fold, from which everything is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.backtest.folds.scoring import Judge, scored
from tillthen.backtest.rows.costs import cost_columns
from tillthen.backtest.rows.exclusions import EXCLUDED, marked, positives_of_cards
from tillthen.backtest.rows.inputs import DAY, TIME, Data
from tillthen.backtest.rows.windows import testing
from tillthen.define.backtests.folds import Fold
from tillthen.define.expressions.literals import quoted
from tillthen.learn.labels import LABEL, STATE
from tillthen.runtime.compat import rebalanced
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors, storage_errors, worker_errors
from tillthen.tables.log import open_log, storage_options

PARTITIONS = ("model", "fold")


def tested(data: Data, fold: Fold) -> DataFrame:
    """The rows of a fold's test window with their labels at the evaluation time, and which are left out."""
    backtest = data.backtest
    rows = data.rows(testing(fold, data.evaluation_time))
    if not backtest.exclude_compromised:
        return rows.withColumn(EXCLUDED, F.lit(False))
    card = str(backtest.card)
    positives = positives_of_cards(data.table, data.id, card, data.outcomes.positive, fold.train_from)
    return marked(rows, card, positives)


def scored_rows(data: Data, fold: Fold, judges: Sequence[Judge]) -> DataFrame:
    """The rows of the table for some models in a fold; actions are still to be decided."""
    with expression_errors(f"Backtest '{data.backtest.name}'"):
        return scored(tested(data, fold), _kept(data), judges, explain=True).withColumn(
            "fold", F.lit(fold.number).cast("int")
        )


def _kept(data: Data) -> list[Column]:
    backtest = data.backtest
    card = F.lit(None).cast("string") if backtest.card is None else F.col(quoted(backtest.card))
    return [
        F.col(quoted(data.id)).alias("row_id"),
        card.alias("card"),
        F.timestamp_micros(F.col(TIME)).alias("as_of"),
        F.floor(F.col(TIME) / DAY).cast("int").alias("day"),
        F.col(LABEL).alias("label"),
        F.col(STATE).alias("state"),
        F.col(EXCLUDED),
        *cost_columns(backtest.costs),
        *[F.expr(text).cast("string").alias(f"segment_{name}") for name, text in backtest.segments.items()],
    ]


def open_scores(spark: SparkSession, config: Config, backtest: str) -> Scores:
    """The scores of a backtest of that name, in the warehouse."""
    return Scores(spark, f"{config.warehouse}/backtests/{backtest}/scores")


@dataclass(frozen=True)
class Scores:
    """The table, in a folder."""

    spark: SparkSession
    path: str

    @property
    def exists(self) -> bool:
        """Whether there is a table."""
        return open_log(self.path, storage_options(dict(self.spark.sparkContext.getConf().getAll()))) is not None

    def fits(self, rows: DataFrame) -> bool:
        """Whether the table is there and has the columns of such rows."""
        if not self.exists:
            return False
        return {(f.name, f.dataType.simpleString()) for f in self.read().schema.fields} == {
            (f.name, f.dataType.simpleString()) for f in rows.schema.fields
        }

    def replace(self, rows: DataFrame, fold: int, models: Sequence[str], *, all_of_it: bool = False) -> None:
        """Put rows in place of those of the models in a fold, or of the whole table, in one commit."""
        writer = rebalanced(rows, "model").write.format("delta").mode("overwrite").partitionBy(*PARTITIONS)
        if all_of_it:
            writer = writer.option("overwriteSchema", "true")
        else:
            names = ", ".join(map(_text, models))
            writer = writer.option("replaceWhere", f"fold = {fold} AND model IN ({names})")
        with storage_errors(self.path), worker_errors():
            writer.save(self.path)

    def read(self, parts: Sequence[tuple[str, int]] | None = None) -> DataFrame:
        """The rows of all, or of some (model, fold)."""
        rows = self.spark.read.format("delta").load(self.path)
        if parts is None:
            return rows
        found = [f"(model = {_text(model)} AND fold = {fold})" for model, fold in parts]
        return rows.where(" OR ".join(found) or "false")


def _text(name: str) -> str:
    """A name as SQL's literal."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
