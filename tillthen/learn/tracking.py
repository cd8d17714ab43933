"""MLflow runs of a backtest: one of the backtest, and below it one of each model and one of each fold.

They are made from the backtest's folder alone (facts, tables, report, models), so that they can be made at any later
time, and again: facts that are tracked already are not tracked twice.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tillthen.define.faults.errors import ReportError, sentence
from tillthen.define.faults.secrets import hidden
from tillthen.runtime.config import Config

if TYPE_CHECKING:
    from mlflow import MlflowClient

Facts = Mapping[str, Any]
Value = tuple[str, float, int]
"""Of a metric: its name, its value, its step."""

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""Of MLflow's own, where the environment does not say otherwise: a server that is gone is told within a minute."""

VALUE, KEY = 500, 250
"""The longest value of a parameter and the longest key that MLflow takes."""

MOST_METRICS, MOST_PARAMS = 900, 90
"""In one request: MLflow takes 1000 things, of them 100 parameters."""

UNUSUAL = re.compile(r"[^\w .:/-]")
FACTS, MODELS, KIND, DIGEST = "facts.json", "models", "tillthen.kind", "tillthen.facts"
ARTIFACTS = (FACTS, "summary.md", "report.html")


@dataclass(frozen=True)
class Tracked:
    """The runs of a backtest's facts: its own, and those of its folds by number."""

    digest: str
    run_id: str
    folds: Mapping[int, str]


@contextmanager
def store(config: Config) -> Iterator[MlflowClient]:
    """A client of the configured server, or of an sqlite file in the warehouse, which needs none.

    Raises
    ------
    ReportError
        MLflow does not answer or refuses.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = config.tracking or f"sqlite:///{_folder(config) / 'mlflow.db'}"
    try:
        yield MlflowClient(tracking_uri=uri, registry_uri=uri)
    except (MlflowException, OSError) as error:
        told = hidden(" ".join(str(error).split()))[:300]
        raise ReportError(
            sentence(f"MLflow at '{uri}': {told}", fix="The backtest's results stand; 'tillthen promote' tracks them.")
        ) from None


def track(config: Config, folder: Path) -> Tracked:
    """Log the backtest whose facts are in a folder, unless these very facts are logged already.

    Raises
    ------
    ReportError
        MLflow does not answer or refuses.
    """
    content = (folder / FACTS).read_bytes()
    facts, digest = json.loads(content), sha256(content).hexdigest()[:12]
    with store(config) as client:
        experiment = _experiment(client, config, facts["backtest"]["name"])
        return _found(client, experiment, digest) or _log(client, experiment, facts, digest, folder)


def model_folder(folder: Path, name: str, fold: Facts) -> Path | None:
    """Where the model that decided in a fold is kept; ``fold`` is of the facts' protocol, and says who trained it."""
    kept = folder / MODELS / f"fold{fold['trained_by']}" / name
    return kept if kept.is_dir() else None


def _folder(config: Config) -> Path:
    path = config.records / "mlflow"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _experiment(client: MlflowClient, config: Config, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = None if config.tracking else (_folder(config) / "artifacts").as_uri()
    return str(client.create_experiment(name, artifact_location=location))


def _found(client: MlflowClient, experiment: str, digest: str) -> Tracked | None:
    """The runs of these facts, if they were logged to their end."""
    asked = f"tags.`{DIGEST}` = '{digest}' and attributes.status = 'FINISHED'"
    runs = client.search_runs([experiment], asked)
    whole = [run for run in runs if run.data.tags.get(KIND) == "backtest"]
    if not whole:
        return None
    own = whole[0].info.run_id
    folds = {
        int(run.data.tags["tillthen.fold"]): run.info.run_id
        for run in runs if run.data.tags.get(KIND) == "fold" and run.data.tags.get("mlflow.parentRunId") == own
    }  # fmt: skip
    return Tracked(digest, own, folds)


def _log(client: MlflowClient, experiment: str, facts: Facts, digest: str, folder: Path) -> Tracked:
    """The backtest's run is finished last, so that one that is finished is whole."""
    provenance = facts["provenance"]
    about = {key: provenance.get(key) for key in ("code_hash", "definitions_hash")} | {DIGEST: digest}
    own = _start(client, experiment, facts["backtest"]["name"], about | {KIND: "backtest"})
    below = {DIGEST: digest, "mlflow.parentRunId": own}
    for model in facts["models"]:
        _model_run(client, experiment, model, below)
    folds = {
        fold["number"]: _fold_run(client, experiment, facts, fold, folder, below)
        for fold in facts["protocol"]["folds"]
    }  # fmt: skip
    _values(client, own, [(key, value, 0) for key, value in _verdict(facts)], provenance.get("costs") or {})
    for path in [folder / name for name in ARTIFACTS] + sorted((folder / "tables").glob("*.csv")):
        if path.exists():
            client.log_artifact(own, str(path), "tables" if path.suffix == ".csv" else None)
    client.set_terminated(own)
    return Tracked(digest, own, folds)


def _model_run(client: MlflowClient, experiment: str, model: Facts, below: Mapping[str, str]) -> None:
    """A model over all folds; its metrics of each fold are the steps of ``fold/...``."""
    run = _start(client, experiment, model["name"], {**below, KIND: "model", "tillthen.role": model.get("role")})
    found: list[Value] = [(name, value, 0) for name, value in _flat(model.get("metrics") or {})]
    for fold in model.get("folds") or []:
        found += [(f"fold/{name}", value, fold["number"]) for name, value in _flat(fold.get("metrics") or {})]
    _values(client, run, found, _parameters(model))
    client.set_terminated(run)


def _fold_run(
    client: MlflowClient, experiment: str, facts: Facts, fold: Facts, folder: Path, below: Mapping[str, str]
) -> str:
    """A fold with its windows, every model's metrics in it, and the models that decided in it."""
    number = fold["number"]
    run = _start(client, experiment, f"fold {number}", {**below, KIND: "fold", "tillthen.fold": number})
    found: list[Value] = []
    params: dict[str, object] = {key: value for key, value in fold.items() if isinstance(value, str)}
    for model in facts["models"]:
        name, called = model["name"], key_of(model["name"])
        measured: Facts = next((one for one in model.get("folds") or [] if one["number"] == number), {})
        found += [(f"{called}/{key}", value, 0) for key, value in _flat(measured.get("metrics") or {})]
        params |= {f"{called}/{key}": value for key, value in _parameters(model).items()}
        kept = model_folder(folder, name, fold)
        if kept is not None:
            client.log_artifacts(run, str(kept), f"{MODELS}/{called}")
    _values(client, run, found, params)
    client.set_terminated(run)
    return run


def _start(client: MlflowClient, experiment: str, name: str, tags: Mapping[str, object]) -> str:
    known = {key: str(value) for key, value in tags.items() if value is not None}
    return str(client.create_run(experiment, tags=known, run_name=name).info.run_id)


def _values(client: MlflowClient, run: str, metrics: Sequence[Value], params: Mapping[str, object]) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    found = [Metric(key_of(key), float(value), now, at) for key, value, at in metrics]
    given = [Param(key_of(key), str(value)[:VALUE]) for key, value in params.items() if value is not None]
    most = max(len(found) / MOST_METRICS, len(given) / MOST_PARAMS)
    for turn in range(ceil(most)):
        client.log_batch(run, found[turn * MOST_METRICS : (turn + 1) * MOST_METRICS],
                         given[turn * MOST_PARAMS : (turn + 1) * MOST_PARAMS])  # fmt: skip


def key_of(name: str) -> str:
    """A name in letters that MLflow takes; of names that these would make one, each ends with a hash of its own.

    >>> key_of("depth 4"), key_of("depth<4") == key_of("depth>4")
    ('depth 4', False)
    """
    taken = UNUSUAL.sub("_", name)
    if taken == name and len(name) <= KEY:
        return name
    return f"{taken[: KEY - 9]}-{sha256(name.encode()).hexdigest()[:8]}"


def _parameters(model: Facts) -> dict[str, object]:
    own = {key: model.get(key) for key in ("learner", "role", "placement")}
    return own | {"calibration": (model.get("calibration") or {}).get("kind")} | dict(model.get("parameters") or {})


def _verdict(facts: Facts) -> Iterator[tuple[str, float]]:
    for row in facts["verdict"].get("rows") or []:
        for side in ("champion", "challenger", "difference", "lower", "upper", "p_better"):
            if row.get(side) is not None:
                yield f"{row['metric']}/{side}", row[side]


def _flat(metrics: Facts, prefix: Sequence[str] = ()) -> Iterator[tuple[str, float]]:
    """Metrics that were measured, those of a table by their key: ``recall_at_fpr/0.01``."""
    for name, metric in metrics.items():
        if not isinstance(metric, Mapping):
            continue
        if "value" not in metric:
            yield from _flat(metric, [*prefix, name])
            continue
        for end in ("value", "lower", "upper"):
            if metric.get(end) is not None:
                yield "/".join([*prefix, name, *([] if end == "value" else [end])]), metric[end]
