"""A backtest that has run, to ask more of it: its facts and the payments behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.backtest.folds.scored_rows import open_scores
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.faults.errors import UsageError, did_you_mean, sentence
from tillthen.runtime.config import Config
from tillthen.runtime.driver import MOST_CELLS


@dataclass(frozen=True)
class Finished:
    """The facts of a backtest's last run, and the rows of the table of scores that they are about.

    ``scores`` has a row for each payment of the test windows, [test_from, test_to) of each fold, and each model:
    ``row_id``, ``card``, ``as_of``, ``day`` (since the epoch), ``label`` as known at the evaluation time (null while it
    is not), ``excluded``, ``segment_<name>``, ``score``, ``probability``, ``action``, ``reasons``, and in minor units
    ``amount`` and ``<action>_<outcome>``, what each action costs on a "fraud" and on a "genuine" payment.
    """

    facts: Mapping[str, Any]
    scores: DataFrame

    def model(self, name: str) -> Mapping[str, Any]:
        """What the facts say of a model.

        Raises
        ------
        UsageError
            The backtest ran without a model of that name.
        """
        models: dict[str, Mapping[str, Any]] = {model["name"]: model for model in self.facts["models"]}
        if name not in models:
            raise UsageError(sentence(f"Backtest '{self.facts['backtest']['name']}' ran without a model '{name}'",
                                      fix=did_you_mean(name, models)))  # fmt: skip
        return models[name]

    def counted(self, model: str) -> pd.DataFrame:
        """A model's rows that its figures count, on the driver in order of time: label known, not excluded.

        Raises
        ------
        UsageError
            There is no such model, or it has more such rows than the driver shall hold.
        """
        name = self.model(model)["name"]
        rows = self.scores.where((F.col("model") == name) & F.col("label").isNotNull() & ~F.col("excluded"))
        most, found = MOST_CELLS // len(rows.columns), rows.count()
        if found > most:
            raise UsageError(sentence(f"The rows of '{name}' on the driver", expected=f"at most {most:,}",
                                      got=f"{found:,}", fix="Ask Spark for them: .scores is a frame."))  # fmt: skip
        return rows.toArrow().to_pandas().sort_values(["as_of", "row_id"]).reset_index(drop=True)


def open_finished(spark: SparkSession, config: Config, backtest: Backtest) -> Finished:
    """Read what the last run of a backtest has left in the warehouse; nothing is run and nothing is written.

    Raises
    ------
    UsageError
        It has not run here, or no run came to its end.
    """
    file = config.records / "backtests" / backtest.name / "facts.json"
    if not file.exists():
        raise UsageError(sentence(f"Backtest '{backtest.name}' has no {file}",
                                  fix=f"Run 'tillthen backtest {backtest.name}' first."))  # fmt: skip
    facts = json.loads(file.read_text(encoding="utf-8"))
    # The table may also hold rows of models and folds that are no longer declared.
    parts = [(model["name"], fold["number"]) for model in facts["models"] for fold in facts["protocol"]["folds"]]
    return Finished(facts, open_scores(spark, config, backtest.name).read(parts))
