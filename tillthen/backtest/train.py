"""Training one model for use, as a backtest's fold would have trained it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tillthen.backtest.data import open_data
from tillthen.backtest.leaks import refuse_leaks
from tillthen.backtest.training import Training
from tillthen.define.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.project import Project
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.runtime.status import write_status
from tillthen.tables.kept import keep
from tillthen.tables.log import storage_options


def train(config: Config, project: Project, backtest_name: str, model_name: str, cutoff: datetime) -> Path:
    """Train a model on the window that ends an embargo before ``cutoff``, with labels as known at ``cutoff``.

    The model, its signature and the versions that it read, ``pins.json``, are in the folder that is returned;
    maintenance keeps these versions. A table that holds a leak is refused.
    """
    backtest = project.backtest(backtest_name)
    refuse_leaks(backtest)
    models = {model.name: model for model in backtest.models}
    if model_name not in models:
        raise DefinitionError(
            sentence(f"Backtest '{backtest_name}' has no model '{model_name}'", fix=did_you_mean(model_name, models))
        )
    start = cutoff - timedelta(microseconds=backtest.folds.train.micros + backtest.folds.embargo.micros)
    once = replace(backtest, folds=replace(backtest.folds, start=start, count=1))
    (fold,) = once.folds
    with step(f"Open {backtest.table.name}"):
        data = open_data(spark_session(config.spark), config, once)
    try:
        folder = config.records / "models" / backtest_name / model_name / f"{cutoff:%Y%m%dT%H%M%SZ}"
        Training(data, fold, [models[model_name]]).fit(models[model_name]).save(folder)
        write_status(folder / "pins.json", {name: pin.facts() for name, pin in data.pins.items()})
        versions = {pin.path: pin.version for pin in data.pins.values() if pin.version is not None}
        keep(config.warehouse, storage_options(config.spark), versions, f"model {folder}")
    finally:
        data.close()
    return folder
