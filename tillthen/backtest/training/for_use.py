"""Training one model for use, as a backtest's fold would have trained it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from tillthen.backtest.folds.beforehand import refuse_future
from tillthen.backtest.folds.fitting import Training
from tillthen.backtest.folds.fold_models import Trained
from tillthen.backtest.folds.fold_models import train as train_fold
from tillthen.backtest.folds.levels import warning
from tillthen.backtest.rows.costs import refuse_costs
from tillthen.backtest.rows.inputs import Data, open_data
from tillthen.backtest.rows.leaks import refuse_leaks
from tillthen.backtest.rows.windows import Window, fitting, training
from tillthen.backtest.training.kept_labels import keep_labels
from tillthen.backtest.training.pins import Pinned, circumstances, declared, hashes
from tillthen.backtest.turns import held
from tillthen.define.arguments.duration import Duration
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.backtests.folds import Fold
from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.project import Project
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step, warn
from tillthen.runtime.session import spark_session
from tillthen.tables.kept_versions import keep
from tillthen.tables.lease import Check
from tillthen.tables.log import storage_options
from tillthen.tables.pins import Pin
from tillthen.tables.standing import table_id


@dataclass(frozen=True)
class Task:
    """A model to train: ``backtest`` has the one fold whose model may decide from ``cutoff`` on."""

    backtest: Backtest
    model: Model
    cutoff: datetime

    @property
    def fold(self) -> Fold:
        """The only one."""
        (fold,) = self.backtest.folds
        return fold

    @property
    def windows(self) -> list[Window]:
        """The rows to learn from, and those to calibrate by if there are any, and when their labels are taken."""
        return [training(self.fold), *([fitting(self.fold)] if self.fold.calibrates else [])]

    @property
    def place(self) -> str:
        """Where it lies, in the folder of models and in the warehouse."""
        return f"{self.backtest.name}/{self.model.name}/{self.cutoff:%Y%m%dT%H%M%SZ}"

    @property
    def declared(self) -> dict[str, str]:
        """A hash for each declaration that decides it; costs decide its thresholds."""
        return declared(self.backtest, self.model) | {"the costs": fingerprint(self.backtest.costs)}

    @property
    def lease(self) -> str:
        """What whoever trains it takes turns at."""
        return f"models/{self.place}"

    def folder(self, config: Config) -> Path:
        """The model's folder."""
        return config.records / "models" / self.place

    def made(self, data: Data) -> Trained:
        """The model with its calibrator and its thresholds, as a fold of the backtest has them."""
        Training(data, self.fold, [self.model]).check()
        where = f"Backtest '{self.backtest.name}'"
        with expression_errors(where):
            refuse_costs(data.within(fitting(self.fold)), self.backtest.costs, where)
        made = train_fold(data, self.fold, [self.model])[self.model.name]
        said = warning(f"Model '{self.model.name}' of {self.cutoff:%Y-%m-%d}", self.model.name, made.level)
        if said is not None:
            warn(said)
        return made


def task(project: Project, backtest_name: str, model_name: str, cutoff: datetime) -> Task:
    """The model that a fold whose test begins at ``cutoff`` would have trained; a table with a leak is refused.

    Its windows lie before the cut-off as those of a fold do: train, embargo, and with a calibration window that and
    another embargo. An expanding training window begins where the backtest's folds begin.
    """
    backtest = project.backtest(backtest_name)
    refuse_leaks(backtest)
    models = {model.name: model for model in backtest.models}
    if model_name not in models:
        raise DefinitionError(
            sentence(f"Backtest '{backtest_name}' has no model '{model_name}'", fix=did_you_mean(model_name, models))
        )
    folds = backtest.folds
    later = folds.embargo.micros + (folds.calibrate.micros and folds.calibrate.micros + folds.embargo.micros)
    start = cutoff - timedelta(microseconds=folds.train.micros + later)
    if folds.mode == "expanding":
        if start < folds.first:
            raise DefinitionError(
                sentence(f"Backtest '{backtest_name}': an expanding window from {folds.first:%Y-%m-%d}",
                         expected=f"a cut-off of {folds.first + (cutoff - start):%Y-%m-%d} or later",
                         got=f"{cutoff:%Y-%m-%d}", fix="Before it not even the first fold's window is full.")
            )  # fmt: skip
        grown = (start - folds.first) // timedelta(microseconds=1)
        folds = replace(folds, train=Duration(folds.train.micros + grown))
    else:
        folds = replace(folds, start=start)
    return Task(replace(backtest, folds=replace(folds, count=1)), models[model_name], cutoff)


def train(
    config: Config, project: Project, backtest_name: str, model_name: str, cutoff: datetime, turn: Turn | None = None
) -> Path:
    """Train the model that may decide from ``cutoff`` on, of rows and labels as known by then; see `task`.

    The model with its signature, its calibrator and its thresholds, and ``pins.json``, with which it can be trained
    again, are in the folder that is returned, in place of an earlier model of that cut-off. One run at a time trains
    it. Maintenance keeps the versions that were read; the labels are kept in the warehouse as they were known. A table
    that holds a leak is refused, as is a cut-off that is still to come.
    """
    refuse_future(cutoff, "The cut-off", "Labels are not known before their time: give an earlier one.")
    one = task(project, backtest_name, model_name, cutoff)
    with step(f"Open {one.backtest.table.name}"):
        spark = spark_session(config.spark)
    with held(config, one.lease, turn) as mine:
        data = open_data(spark, config, one.backtest)
        try:
            return _train(config, project, one, data, mine.check)
        finally:
            data.close()


def _train(config: Config, project: Project, one: Task, data: Data, check: Check) -> Path:
    folder = one.folder(config)
    part = folder.with_name(f"{folder.name}.part")
    rmtree(part, ignore_errors=True)
    one.made(data).write(part)
    check()
    labels = keep_labels(data, one.windows, f"{config.warehouse}/_training/{one.place}")
    check()
    _keep(config, data, labels, folder)
    _pinned(config, project, one, data, labels, part).write(part)
    check()
    _put(part, folder)
    return folder


def _keep(config: Config, data: Data, labels: Pin, folder: Path) -> None:
    versions = {pin.path: pin.version for pin in (*data.pins.values(), labels) if pin.version is not None}
    keep(config.warehouse, storage_options(config.spark), versions, f"model {folder}")


def _pinned(config: Config, project: Project, one: Task, data: Data, labels: Pin, part: Path) -> Pinned:
    options, features = storage_options(config.spark), data.pins[one.backtest.table.name]
    ids = {pin.path: table_id(pin, options) for pin in (features, labels)}
    return Pinned(data.pins, labels, ids, one.declared, project.code_hash,
                  circumstances(data.table.sparkSession), hashes(part))  # fmt: skip


def _put(part: Path, folder: Path) -> None:
    """A whole model in place of an earlier one: never files of two."""
    before = folder.with_name(f"{folder.name}.before")
    rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    part.rename(folder)
    rmtree(before, ignore_errors=True)
