"""Training the models of a fold: on the driver's copy of the window or across executors, as their size asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.folds.beforehand import refuse_empty
from tillthen.backtest.rows.inputs import TIME, Data
from tillthen.backtest.rows.windows import Window, fitting, training
from tillthen.define.backtests.folds import Fold
from tillthen.define.backtests.model import Model
from tillthen.learn import calibration, learner
from tillthen.learn.distributed import check_distributable, fit_distributed
from tillthen.learn.encoding import learn_encoding
from tillthen.learn.fitted import Fitted
from tillthen.learn.labels import LABEL
from tillthen.learn.sampling import DRAW, draw, odds_factor
from tillthen.learn.stopping import validation_from
from tillthen.learn.tally import matrix, tally
from tillthen.runtime.progress import step
from tillthen.sources.reading.times import unix_micros

MOST_ROWS = 1_000_000
"""Calibrators and thresholds are fitted on at most about so many rows, drawn by a hash of the row id."""


def drawn(data: Data, window: Window) -> float:
    """The share of a window's rows that calibrators and thresholds are fitted on: of all, with a label or without."""
    return min(1.0, MOST_ROWS / max(sum(data.counts(window).values()), 1))


class Training:
    """The training window of a fold, and how many of its rows are in each state at the cut-off.

    Rows come to the driver once, for the models that train there, and only those that one of them uses.
    """

    def __init__(self, data: Data, fold: Fold, models: Sequence[Model]) -> None:
        self.data, self.fold = data, fold
        self.window = training(fold)
        self.models = models
        self.counts = data.counts(self.window)
        self._single = [model for model in models if self.placement(model) == "single" and model.learner != "rules"]

    def check(self) -> None:
        """Refuse what no training can mend, before one starts."""
        where = f"Backtest '{self.data.backtest.name}', fold {self.fold.number}"
        refuse_empty(self.counts, where, "training", self.window, self.data.backtest.label)
        known = self.counts["positive"] + self.counts["negative"]
        for model in self.models:
            if model.learner != "rules":
                learner.check_classes(model, self.counts["positive"], known)
            if self.placement(model) == "distributed":
                check_distributable(model, self.data.table.sparkSession)
            if self.fold.calibrates and model.calibration != "none":
                self._check_calibration(model, where)
        if self._single:
            rows = self._rows(max(model.negatives_kept for model in self._single))
            learner.check_size(where, rows, len(self._taken))

    def _check_calibration(self, model: Model, where: str) -> None:
        window = fitting(self.fold)
        counts, share = self.data.counts(window), drawn(self.data, window)
        positives, negatives = (int(counts[state] * share) for state in ("positive", "negative"))
        what = f"{where}: calibration '{model.calibration}' of model '{model.name}'"
        calibration.check_classes(what, positives, positives + negatives)

    def placement(self, model: Model) -> str:
        """Where a model trains."""
        return learner.placement(model, self._rows(model.negatives_kept), len(self._features(model)))

    def _rows(self, negatives_kept: float) -> int:
        """How many rows of the window are learned from."""
        return self.counts["positive"] + round(self.counts["negative"] * negatives_kept)

    def fit(self, model: Model, until: datetime | None = None) -> Fitted:
        """Train on the rows whose label was known at the cut-off, of the whole window or of its part before a time."""
        if model.learner == "rules":
            return learner.rules(model)
        place = self.placement(model)
        with step(f"Train {model.name} ({place})"):
            end = until or self.fold.train_to
            late = unix_micros(validation_from(model, self.fold.train_from, end))
            return (self._distributed if place == "distributed" else self._here)(model, end, late)

    def _here(self, model: Model, end: datetime, late: int) -> Fitted:
        rows = self._frame
        kept = (rows[LABEL] == 1) | (rows[DRAW] < model.negatives_kept)
        rows = rows[kept & (rows[TIME] < unix_micros(end))]
        encoding = learn_encoding(rows, self._features(model), self.data.backtest.table.categorical)
        labels = rows[LABEL].to_numpy(dtype="int64")
        fitted = learner.fit(model, encoding, encoding.matrix(rows), labels, (rows[TIME] >= late).to_numpy())
        if model.negatives_kept == 1 or learner.votes_out_of_bag(model):
            return fitted
        return fitted.leveled(tally(self._known(end), matrix(encoding), LABEL, fitted), odds_factor(model))

    def _distributed(self, model: Model, end: datetime, late: int) -> Fitted:
        kept = (F.col(LABEL) == 1) | (draw(self.data.id) < model.negatives_kept)
        return fit_distributed(model, self._features(model), self._known(end), LABEL, self.data.id,
                               self.data.backtest.table.categorical, F.col(TIME) >= late,
                               None if model.negatives_kept == 1 else kept)  # fmt: skip

    def _known(self, end: datetime) -> DataFrame:
        """The rows before a time whose label was known at the cut-off, those that sampling leaves out too."""
        rows = self.data.rows(Window(self.fold.train_from, end, self.fold.train_cutoff))
        return rows.where(F.col(LABEL).isNotNull())

    @cached_property
    def _frame(self) -> pd.DataFrame:
        with step(
            f"Fold {self.fold.number}: read {self.fold.train_from:%Y-%m-%d} to {self.fold.train_to:%Y-%m-%d}"
        ) as s:
            frame = self.data.known(self.window, self._taken, max(model.negatives_kept for model in self._single))
            s.rows = len(frame)
        return frame

    @property
    def _taken(self) -> list[str]:
        """The features that come to the driver."""
        return list(dict.fromkeys(name for model in self._single for name in self._features(model)))

    def _features(self, model: Model) -> tuple[str, ...]:
        return model.inputs(self.data.backtest.table.features)
