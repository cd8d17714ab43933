"""What a backtest has when all its folds are scored: the ledger's entries and the rows of the table of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from tillthen.backtest.folds.hashes import Part
from tillthen.backtest.folds.ledger import Entry
from tillthen.backtest.rows.inputs import DAY, Data
from tillthen.define.backtests.backtest import Backtest
from tillthen.evaluate.sums.question import Question
from tillthen.sources.reading.times import unix_micros


@dataclass(frozen=True)
class Results:
    """A backtest's parts with the entry of each, the scored rows of all of them, and the table's last audit."""

    data: Data
    parts: Sequence[Part]
    entries: Mapping[tuple[int, str], Entry]
    scores: DataFrame
    audit: Mapping[str, Any] | None = None

    def of_model(self, name: str) -> list[Entry]:
        """A model's entries in order of its folds."""
        return [self.entries[part.fold.number, name] for part in self.parts if part.model.name == name]

    @property
    def counts(self) -> list[Mapping[str, Any]]:
        """How many rows each fold's windows have."""
        return [entry.counts for entry in self.of_model(self.parts[0].model.name)]

    @property
    def models(self) -> list[dict[str, Any]]:
        """The files of each model that decided in a fold, by their hashes; ``fold`` is the one that trained it."""
        found = {(part.fold.trained_by, part.model.name): self.entries[part.fold.number, part.model.name].trained
                 for part in self.parts}  # fmt: skip
        return [{"fold": fold, "model": model, "files": trained["files"]} for (fold, model), trained in found.items()]

    @property
    def question(self) -> Question:
        """How the scores are to be evaluated."""
        backtest = self.data.backtest
        return Question(
            backtest.costs,
            backtest.policy,
            backtest.capacity,
            backtest.card is not None,
            tuple(backtest.segments),
            {(entry.model, entry.fold): entry.trained["thresholds"] for entry in self.entries.values()},
            thresholds_from(backtest),
            {model.name: model.calibration for model in backtest.models},
            {fold.number: unix_micros(fold.train_cutoff) // DAY for fold in backtest.folds},
            backtest.champion,
            backtest.challenger,
            backtest.folds.parts_of_days,
        )


def thresholds_from(backtest: Backtest) -> str:
    """On which data learned thresholds were fitted, in words."""
    if backtest.folds.calibrate.micros:
        return "the calibration window"
    return "the last quarter of the training window, scored by a model of the first three quarters"
