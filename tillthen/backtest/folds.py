"""One fold: train, calibrate, fit thresholds, score the test; each step with the labels known by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from tillthen.backtest.data import TIME, Data, Part
from tillthen.backtest.exclusions import compromised
from tillthen.decide.policies import best_f1_threshold, empirical_threshold
from tillthen.define.backtest import Backtest, Model
from tillthen.define.errors import DataContractError, sentence
from tillthen.define.folds import Fold
from tillthen.learn import calibration, learner
from tillthen.learn.distributed import fit_distributed
from tillthen.learn.fitted import Fitted
from tillthen.learn.labels import LABEL
from tillthen.runtime.arrays import Bools, Floats
from tillthen.runtime.progress import step

TAIL = 0.25
"""Without a calibration window thresholds are fitted on this last part of the training window."""


@dataclass(frozen=True)
class ModelRun:
    """A model in a fold: raw and calibrated scores of the fold's test rows, and thresholds from before the test."""

    model: Model
    fitted: Fitted
    scores: Floats
    probability: Floats
    thresholds: dict[str, float | None]


@dataclass(frozen=True)
class FoldRun:
    """A fold's windows, its models, and which of its test rows are left out."""

    fold: Fold
    train: Part
    calibrate: Part | None
    test: Part
    excluded: Bools
    models: dict[str, ModelRun]


def run_fold(data: Data, fold: Fold) -> FoldRun:
    """Train and score every model of the backtest in one fold."""
    backtest = data.backtest
    with step(f"Fold {fold.number}: read {fold.train_from:%Y-%m-%d} to {fold.test_to:%Y-%m-%d}") as reading:
        train = data.part(fold.train_from, fold.train_to, fold.train_cutoff)
        calibrate = data.part(fold.calibrate_from, fold.calibrate_to, fold.test_from) if fold.calibrates else None
        test = data.part(fold.test_from, fold.test_to, evaluation_time(backtest))
        reading.rows = len(train) + len(calibrate or ()) + len(test)
    _check(backtest, fold, train, test)
    excluded = np.zeros(len(test), dtype=bool)
    if backtest.exclude_compromised:
        excluded = compromised(test, str(backtest.card), data.known_positives(fold.train_from))
    models = {model.name: _run_model(data, fold, model, train.known, calibrate, test) for model in backtest.models}
    return FoldRun(fold, train, calibrate, test, excluded, models)


def evaluation_time(backtest: Backtest) -> datetime:
    """When the labels of every test window are taken: after the last one, by the evaluation lag."""
    last = max(fold.test_to for fold in backtest.folds)
    return last + timedelta(microseconds=backtest.evaluation_lag.micros)


def train_model(data: Data, fold: Fold, model: Model, train: Part) -> Fitted:
    """Train a model on the rows whose label was known, on one node or across executors."""
    names = tuple(model.features) or data.backtest.table.features
    place = learner.placement(model, len(train), len(names))
    with step(f"Train {model.name} ({place})", rows=len(train)):
        if place == "single":
            return learner.fit(model, names, learner.matrix(train.frame, names), train.labels)
        learner.check_labels(model, train.labels)
        rows = data.rows(fold.train_from, fold.train_to, fold.train_cutoff).where(f"{LABEL} IS NOT NULL")
        return fit_distributed(model, names, rows, LABEL, str(data.backtest.table.spine.source.id))


def _run_model(data: Data, fold: Fold, model: Model, train: Part, calibrate: Part | None, test: Part) -> ModelRun:
    fitted = train_model(data, fold, model, train)
    scores = fitted.score(learner.matrix(test.frame, fitted.features))
    if calibrate is None:
        return ModelRun(model, fitted, scores, scores, _thresholds_from_tail(model, fitted, train))
    later = calibrate.known
    raw = fitted.score(learner.matrix(later.frame, fitted.features))
    calibrator = calibration.fit(model.calibration, raw, later.labels)
    thresholds = _thresholds(calibrator.apply(raw), later)
    return ModelRun(model, fitted, scores, calibrator.apply(scores), thresholds)


def _thresholds(probability: Floats, part: Part) -> dict[str, float | None]:
    return {
        "best_f1": best_f1_threshold(probability, part.labels),
        "empirical": empirical_threshold(probability, part.labels, part.costs),
    }


def _thresholds_from_tail(model: Model, fitted: Fitted, train: Part) -> dict[str, float | None]:
    """Thresholds of a model trained on the first part of the window, fitted on the rest; None without both classes."""
    times = train.frame[TIME].to_numpy()
    early = times < np.quantile(times, 1 - TAIL)
    head, tail = train.where(early), train.where(~early)
    if not (0 < head.labels.sum() < len(head)) or not tail.labels.any():
        return {"best_f1": None, "empirical": None}
    features = fitted.features
    trial = learner.fit(model, features, learner.matrix(head.frame, features), head.labels)
    return _thresholds(trial.score(learner.matrix(tail.frame, features)), tail)


def _check(backtest: Backtest, fold: Fold, train: Part, test: Part) -> None:
    where = f"Backtest '{backtest.name}', fold {fold.number}"
    for name, part, at in (("training", train, fold.train_cutoff), ("test", test, evaluation_time(backtest))):
        if not len(part):
            raise DataContractError(sentence(f"{where}: the {name} window holds no rows",
                                             fix="Move 'start' in Folds."))  # fmt: skip
        if not len(part.known):
            raise DataContractError(
                sentence(f"{where}: no label of the {name} window was known by {at:%Y-%m-%d}",
                         fix=f"Wait longer: the label's maturity is {backtest.label.maturity}.")
            )  # fmt: skip
