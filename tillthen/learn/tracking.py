"""MLflow runs of a backtest: one for the backtest, one below it for each model."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tillthen.define.backtest import Backtest
from tillthen.runtime.config import Config

MLFLOW_VALUE = 500
"""MLflow refuses longer parameter values."""


def track(config: Config, backtest: Backtest, facts: Mapping[str, Any], folder: Path) -> None:
    """Log a finished backtest: parameters and metrics of each model, the facts and the saved models.

    Without ``tracking`` in the configuration an sqlite file in the warehouse is used; no server is needed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    import mlflow

    store = config.records / "mlflow"
    store.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(config.tracking or f"sqlite:///{store / 'mlflow.db'}")
    if mlflow.get_experiment_by_name(backtest.name) is None:
        mlflow.create_experiment(
            backtest.name, artifact_location=None if config.tracking else (store / "artifacts").as_uri()
        )
    mlflow.set_experiment(backtest.name)
    provenance = facts["provenance"]
    with mlflow.start_run(run_name=backtest.name):
        mlflow.set_tags({key: provenance[key] for key in ("code_hash", "definitions_hash")})
        mlflow.log_artifact(str(folder / "facts.json"))
        for model in facts["models"]:
            with mlflow.start_run(run_name=model["name"], nested=True):
                mlflow.log_params({key: str(value)[:MLFLOW_VALUE] for key, value in model["parameters"].items()})
                mlflow.log_metrics(dict(_metrics(model["metrics"])))
                for saved in sorted((folder / "models").glob(f"fold*/{model['name']}")):
                    mlflow.log_artifacts(str(saved), artifact_path=f"{saved.parent.name}/{model['name']}")


def _metrics(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, metric in metrics.items():
        if "value" not in metric:
            yield from _metrics(metric, f"{name}_")
        elif metric["value"] is not None:
            yield f"{prefix}{name}", metric["value"]
