"""Training one model for use, as a backtest's fold would have trained it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tillthen.backtest.data import open_data
from tillthen.backtest.folds import train_model
from tillthen.define.errors import DataContractError, DefinitionError, did_you_mean, sentence
from tillthen.define.project import Project
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session


def train(config: Config, project: Project, backtest_name: str, model_name: str, cutoff: datetime) -> Path:
    """Train a model on the window that ends an embargo before ``cutoff``, with labels as known at ``cutoff``.

    The model and its signature are in the folder that is returned.
    """
    backtest = project.backtest(backtest_name)
    models = {model.name: model for model in backtest.models}
    if model_name not in models:
        raise DefinitionError(
            sentence(f"Backtest '{backtest_name}' has no model '{model_name}'", fix=did_you_mean(model_name, models))
        )
    start = cutoff - timedelta(microseconds=backtest.folds.train.micros + backtest.folds.embargo.micros)
    (fold,) = replace(backtest.folds, start=start, count=1)
    with step(f"Open {backtest.table.name}"):
        data = open_data(
            spark_session(config.spark), config, replace(backtest, folds=replace(backtest.folds, start=start, count=1))
        )
        rows = data.part(fold.train_from, fold.train_to, fold.train_cutoff).known
    if not len(rows):
        raise DataContractError(
            sentence(f"No label from {fold.train_from} to {fold.train_to} was known by {cutoff}",
                     fix="Choose a later --cutoff.")
        )  # fmt: skip
    folder = config.records / "models" / backtest_name / model_name / f"{cutoff:%Y%m%dT%H%M%SZ}"
    train_model(data, fold, models[model_name], rows).save(folder)
    return folder
