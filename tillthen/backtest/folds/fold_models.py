"""A fold's models with what was fitted on top of them: calibrators, and thresholds from before the test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F

from tillthen.backtest.folds.fitting import MOST_ROWS, Training, drawn
from tillthen.backtest.folds.levels import level_of
from tillthen.backtest.folds.scoring import Judge, scored
from tillthen.backtest.rows.costs import cost_columns
from tillthen.backtest.rows.inputs import Data
from tillthen.backtest.rows.windows import Window, fitting
from tillthen.decide.costs import CostTable
from tillthen.decide.policies import best_f1_threshold, empirical_threshold, saving_threshold
from tillthen.define.backtests.folds import Fold
from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DataContractError
from tillthen.learn import calibration
from tillthen.learn.calibration import Calibrator
from tillthen.learn.files import altered, hashes
from tillthen.learn.fitted import Fitted, load
from tillthen.learn.labels import LABEL
from tillthen.learn.sampling import DRAW, draw
from tillthen.runtime.arrays import Floats
from tillthen.runtime.driver import MOST_CELLS, TEXT
from tillthen.runtime.failures import expression_errors, worker_errors
from tillthen.runtime.progress import step
from tillthen.runtime.status import write_status

OWN = ("label", DRAW, "score", "probability")
"""The columns of a scored row beside its costs and the model's name."""

MADE, CALIBRATOR, THRESHOLDS = "made.json", "calibrator.json", "thresholds.json"
Thresholds = Mapping[str, float | None]


@dataclass(frozen=True)
class Trained:
    """A model that can decide: what it was fitted to is all from before the test window.

    ``counts`` are the rows of the training and the calibration window by the state of their labels then; ``level`` is
    what its probabilities add up to on the latter (`tillthen.backtest.folds.levels`), None where there is none.
    """

    fitted: Fitted
    calibrator: Calibrator
    thresholds: Thresholds
    counts: Mapping[str, Any]
    level: Mapping[str, Any] | None = None

    def write(self, folder: Path) -> None:
        """Write all that decides into a folder: the model, its calibrator and its thresholds."""
        self.fitted.save(folder)
        write_status(folder / CALIBRATOR, self.calibrator.to_json())
        write_status(folder / THRESHOLDS, dict(self.thresholds))

    def save(self, folder: Path, key: str) -> None:
        """Write it in place of what is in a folder; ``made.json`` with the key comes last, so with it all is there."""
        (folder / MADE).unlink(missing_ok=True)
        rmtree(folder, ignore_errors=True)
        self.write(folder)
        made = {"key": key, "counts": dict(self.counts), "level": self.level, "files": hashes(folder)}
        write_status(folder / MADE, made)


def saved(folder: Path, key: str) -> Trained | None:
    """What was saved under this key; None where there is nothing, something of another key, or files that changed."""
    made = _json(folder / MADE)
    if made is None or made["key"] != key or "files" not in made or altered(folder, made["files"]):
        return None
    calibrator, thresholds = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in (CALIBRATOR, THRESHOLDS)
    )
    return Trained(load(folder), Calibrator.from_json(calibrator), thresholds, made["counts"], made["level"])


def train(data: Data, fold: Fold, models: Sequence[Model]) -> dict[str, Trained]:
    """Train models in a fold, calibrate them and fit their thresholds."""
    training = Training(data, fold, models)
    fitted = {model.name: training.fit(model) for model in models}
    window = fitting(fold)
    taken = data.backtest.capacity * _days(window) * drawn(data, window)
    counts = {"train": training.counts, "calibrate": data.counts(window) if fold.calibrates else None}
    if fold.calibrates:
        named = {model.name: model for model in models}
        return {name: _calibrated(named[name], fitted[name], later, counts, taken)
                for name, later in _scored(data, window, fitted)}  # fmt: skip
    # The model of the whole window has seen its end, so one of the rest of it stands in.
    trials = {model.name: trial for model in models if (trial := _trial(training, model, window.start)) is not None}
    thresholds = {name: _thresholds(tail, taken) for name, tail in _scored(data, window, trials)}
    none = Calibrator.none()
    return {name: Trained(one, none, thresholds.get(name, NEITHER), counts) for name, one in fitted.items()}


NEITHER: Thresholds = {"best_f1": None, "empirical": None, "saving_threshold": None}


def _trial(training: Training, model: Model, boundary: datetime) -> Fitted | None:
    """A model of the first part of the window; None where that part cannot be learned from."""
    try:
        return training.fit(model, until=boundary)
    except DataContractError:
        return None


def _calibrated(model: Model, fitted: Fitted, rows: pd.DataFrame, counts: Mapping[str, Any], taken: float) -> Trained:
    known = rows["label"].notna().to_numpy()
    raw, labels = _column(rows, "score"), rows["label"].to_numpy()[known].astype(np.int64)
    calibrator = calibration.fit(model.calibration, raw[known], labels)
    probability = calibrator.apply(raw)
    thresholds = _thresholds(rows.assign(score=probability), taken)
    return Trained(fitted, calibrator, thresholds, counts, level_of(probability[known], labels))


def _thresholds(rows: pd.DataFrame, taken: float) -> Thresholds:
    """The best thresholds on earlier rows; None where those with a label were not of both classes.

    That of the expected saving asks no label: it is the one that takes ``taken`` of all rows.
    """
    if not len(rows):
        return NEITHER
    probability = _column(rows, "score")
    costs = CostTable.of(
        {name: _column(rows, name) for name in map(str, rows) if name.endswith(("_fraud", "_genuine"))}
    )
    known = rows["label"].notna().to_numpy()
    labels = rows["label"].to_numpy()[known].astype(np.int64)
    found = {**NEITHER, "saving_threshold": saving_threshold(probability, costs, taken)}
    if not 0 < labels.sum() < len(labels):
        return found
    return found | {
        "best_f1": best_f1_threshold(probability[known], labels),
        "empirical": empirical_threshold(probability[known], labels, costs.take(known)),
    }


def _days(window: Window) -> float:
    return (window.end - window.start) / timedelta(days=1)


def _scored(data: Data, window: Window, fitted: Mapping[str, Fitted]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each model with its raw scores, labels (null where not known) and costs of a window's rows, in a fixed order.

    The models score together as far as `MOST_CELLS` allow.
    """
    rows = min(sum(data.counts(window).values()), MOST_ROWS)
    wide = len(data.backtest.costs.columns) + len(OWN) + TEXT
    at_once, names = max(MOST_CELLS // max(rows * wide, 1), 1), [*fitted]
    for first in range(0, len(names), at_once):
        judges = [Judge(name, fitted[name], Calibrator.none()) for name in names[first : first + at_once]]
        found = _collected(data, window, judges)
        for judge in judges:
            own = found[found["model"] == judge.model]
            yield judge.model, own.sort_values(["score", DRAW], kind="stable").reset_index(drop=True)


def _collected(data: Data, window: Window, judges: Sequence[Judge]) -> pd.DataFrame:
    """The rows as several models score them, on the driver, about `MOST_ROWS` of each."""
    with (
        step(f"Score {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}") as scoring,
        expression_errors(f"Backtest '{data.backtest.name}'"),
        worker_errors(),
    ):
        rows, share = data.rows(window), drawn(data, window)
        if share < 1:
            rows = rows.where(draw(data.id) < share)
        kept: list[Column] = [F.col(LABEL).alias("label"), draw(data.id), *cost_columns(data.backtest.costs)]
        found = scored(rows, kept, judges).toArrow().to_pandas()
        scoring.rows = len(found) // len(judges)
    return found


def _column(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(dtype=np.float64)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return None
