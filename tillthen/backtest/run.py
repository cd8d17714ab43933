"""The backtest job: folds, facts, tables; the report is drawn from the facts by the command line."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tillthen.backtest.data import open_data
from tillthen.backtest.facts import assemble
from tillthen.backtest.folds import FoldRun, run_fold
from tillthen.define.backtest import Backtest
from tillthen.define.project import Project
from tillthen.learn.tracking import track
from tillthen.runtime.config import Config
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.runtime.status import write_status
from tillthen.tables.space import check_writable

TABLES = ("thresholds", "policies", "capacity", "daily", "pr_curve", "importance")


def run_backtests(config: Config, project: Project, names: Sequence[str]) -> list[Path]:
    """Run the named backtests on built tables; each folder then holds facts.json, CSVs and models.

    Raises
    ------
    DataContractError
        A table is not built from the current definitions, or a window holds no rows, labels or classes.
    """
    chosen = [project.backtest(name) for name in names]
    check_writable(config.warehouse)
    with step("Start Spark"):
        spark_session(config.spark)
    return [_run(config, project, backtest) for backtest in chosen]


def _run(config: Config, project: Project, backtest: Backtest) -> Path:
    folder = config.records / "backtests" / backtest.name
    with step(f"Open {backtest.table.name}"):
        data = open_data(spark_session(config.spark), config, backtest)
    runs = [run_fold(data, fold) for fold in backtest.folds]
    with step(f"Evaluate {backtest.name}"):
        facts = assemble(project, data, runs)
        write_status(folder / "facts.json", facts)
        _write_tables(folder / "tables", facts["models"])
        _save_models(folder / "models", runs)
    with step("Track in MLflow"):
        track(config, backtest, facts, folder)
    return folder


def _write_tables(folder: Path, models: Sequence[Mapping[str, Any]]) -> None:
    """The facts' tables as CSV, one file a table with the model in the first column."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        rows = [{"model": model["name"], **row} for model in models for row in model[name]]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)


def _save_models(folder: Path, runs: Sequence[FoldRun]) -> None:
    for run in runs:
        for name, model in run.models.items():
            model.fitted.save(folder / f"fold{run.fold.number}" / name)
