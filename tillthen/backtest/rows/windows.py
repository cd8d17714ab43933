"""The windows of a fold: which rows, and when their labels are taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tillthen.define.backtests.folds import Fold

TAIL = 0.25
"""Without a calibration window thresholds are fitted on this last part of the training window."""


@dataclass(frozen=True)
class Window:
    """Rows with as_of in [start, end), and the time at which their labels are taken."""

    start: datetime
    end: datetime
    known_at: datetime


def training(fold: Fold) -> Window:
    """What a fold's models are trained on."""
    return Window(fold.train_from, fold.train_to, fold.train_cutoff)


def fitting(fold: Fold) -> Window:
    """What calibrators and thresholds are fitted on: the calibration window, else the end of the training window."""
    if fold.calibrates:
        return Window(fold.calibrate_from, fold.calibrate_to, fold.calibrate_cutoff)
    return Window(fold.train_to - (fold.train_to - fold.train_from) * TAIL, fold.train_to, fold.train_cutoff)


def testing(fold: Fold, evaluation_time: datetime) -> Window:
    """What a fold's models decide."""
    return Window(fold.test_from, fold.test_to, evaluation_time)
