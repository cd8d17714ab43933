"""A real MLflow server on this machine, and a finished backtest's folder to log."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.report.making.facts import facts
from tillthen.learn.files import hashes

MODELS = ("logistic_regression", "xgboost")
WAIT = 180


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of an MLflow server whose store and artifacts are in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/server.db",
               "--artifacts-destination", str(folder / "artifacts")]  # fmt: skip
    quiet = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=quiet, start_new_session=True)
    try:
        _await(f"http://127.0.0.1:{port}/health", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"The server did not start: {log.read_text()[-2000:]}")


def finished(folder: Path, **changes: Any) -> Path:
    """A backtest's folder: facts of two folds, tables, a report, and its models; the second fold reuses the first's.

    What lies in the second fold's folder is of an earlier run, which trained in each.
    """
    plain = facts(folds=2, rows=600) | changes
    plain["protocol"]["folds"][1]["trained_by"] = 1
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "facts.json").write_text(json.dumps(plain, sort_keys=True))
    (folder / "report.html").write_text("<p>report</p>")
    (folder / "tables" / "policies.csv").write_text("model,name\nxgboost,all\n")
    for fold, name in ((1, MODELS[0]), (1, MODELS[1]), (2, MODELS[1])):
        kept = folder / "models" / f"fold{fold}" / name
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "signature.json").write_text(json.dumps({"name": name, "fold": fold}))
        (kept / "calibrator.json").write_text("{}")
    plain["provenance"]["models"] = [
        {"fold": 1, "model": name, "files": hashes(folder / "models" / "fold1" / name)} for name in MODELS
    ]
    (folder / "facts.json").write_text(json.dumps(plain, sort_keys=True))
    return folder
