"""Training one model for use, as a backtest's fold would have trained it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from tillthen.backtest.checks import refuse_future
from tillthen.backtest.data import Data, open_data
from tillthen.backtest.kept import keep_labels
from tillthen.backtest.leaks import refuse_leaks
from tillthen.backtest.pinned import Pinned, circumstances, declared, hashes
from tillthen.backtest.training import Training
from tillthen.backtest.turns import held
from tillthen.backtest.windows import Window, training
from tillthen.build.run import Turn
from tillthen.define.backtest import Backtest
from tillthen.define.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.folds import Fold
from tillthen.define.model import Model
from tillthen.define.project import Project
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.tables.kept import keep
from tillthen.tables.lease import Check
from tillthen.tables.log import storage_options
from tillthen.tables.pins import Pin
from tillthen.tables.standing import table_id


@dataclass(frozen=True)
class Task:
    """A model to train: ``backtest`` has the one fold whose labels are taken at ``cutoff``."""

    backtest: Backtest
    model: Model
    cutoff: datetime

    @property
    def fold(self) -> Fold:
        """The only one."""
        (fold,) = self.backtest.folds
        return fold

    @property
    def window(self) -> Window:
        """The rows to learn from, and when their labels are taken."""
        return training(self.fold)

    @property
    def place(self) -> str:
        """Where it lies, in the folder of models and in the warehouse."""
        return f"{self.backtest.name}/{self.model.name}/{self.cutoff:%Y%m%dT%H%M%SZ}"

    @property
    def lease(self) -> str:
        """What whoever trains it takes turns at."""
        return f"models/{self.place}"

    def folder(self, config: Config) -> Path:
        """The model's folder."""
        return config.records / "models" / self.place


def task(project: Project, backtest_name: str, model_name: str, cutoff: datetime) -> Task:
    """The model of a backtest on the window that ends an embargo before ``cutoff``; a table with a leak is refused."""
    backtest = project.backtest(backtest_name)
    refuse_leaks(backtest)
    models = {model.name: model for model in backtest.models}
    if model_name not in models:
        raise DefinitionError(
            sentence(f"Backtest '{backtest_name}' has no model '{model_name}'", fix=did_you_mean(model_name, models))
        )
    start = cutoff - timedelta(microseconds=backtest.folds.train.micros + backtest.folds.embargo.micros)
    once = replace(backtest, folds=replace(backtest.folds, start=start, count=1))
    return Task(once, models[model_name], cutoff)


def train(
    config: Config, project: Project, backtest_name: str, model_name: str, cutoff: datetime, turn: Turn | None = None
) -> Path:
    """Train a model on the window that ends an embargo before ``cutoff``, with labels as known at ``cutoff``.

    The model, its signature and ``pins.json``, with which it can be trained again, are in the folder that is returned,
    in place of an earlier model of that cut-off. One run at a time trains it.
    Maintenance keeps the versions that were read; the labels are kept in the warehouse as they were known. A table
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
    learning = Training(data, one.fold, [one.model])
    learning.check()
    learning.fit(one.model).save(part)
    check()
    labels = keep_labels(data, one.window, f"{config.warehouse}/_training/{one.place}")
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
    return Pinned(data.pins, labels, ids, declared(one.backtest, one.model), project.code_hash,
                  circumstances(data.table.sparkSession), hashes(part))  # fmt: skip


def _put(part: Path, folder: Path) -> None:
    """A whole model in place of an earlier one: never files of two."""
    before = folder.with_name(f"{folder.name}.before")
    rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    part.rename(folder)
    rmtree(before, ignore_errors=True)
