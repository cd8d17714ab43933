"""What decides each part of a backtest, as hashes: a part whose hash stands need not run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tillthen
from tillthen.backtest.rows.inputs import Data
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.folds import Fold
from tillthen.define.backtests.model import Model
from tillthen.define.tables.meaning import definitions_hash

TRAINS = ("define", "sources", "learn", "decide", "backtest")
LIBRARIES = ("xgboost-cpu", "scikit-learn", "numpy", "iso4217")


@dataclass(frozen=True)
class Part:
    """One model in one fold: ``training`` decides the model, ``scoring`` that and the scores of its test window."""

    fold: Fold
    model: Model
    training: str
    scoring: str


def plan(data: Data) -> list[Part]:
    """Every fold of every model, in order of time."""
    return [_part(data, fold, model) for fold in data.backtest.folds for model in data.backtest.models]


def evaluation_hash(parts: Sequence[Part], data: Data, code_hash: str, audit: Mapping[str, Any] | None) -> str:
    """What decides the facts: every part, what is declared, the table's last audit, and the code of all rooms."""
    scores = {f"{part.fold.number}/{part.model.name}": part.scoring for part in parts}
    rooms = code("define", "decide", "evaluate", "backtest", "quality")
    return fingerprint([scores, data.backtest, data.backtest.gates, code_hash, audit, rooms])


def _part(data: Data, fold: Fold, model: Model) -> Part:
    backtest = data.backtest
    windows = [fold.train_from, fold.train_to, fold.train_cutoff, fold.calibrate_from, fold.calibrate_to,
               fold.calibrate_cutoff]  # fmt: skip
    # Which rows a worker holds decides its histograms.
    workers = data.table.sparkSession.sparkContext.defaultParallelism if _may_distribute(model) else None
    training = fingerprint([_inputs(data), model, model.inputs(backtest.table.features), backtest.table.categorical,
                            backtest.costs, backtest.capacity, windows, workers])  # fmt: skip
    exclusions = [fold.train_from, backtest.card] if backtest.exclude_compromised else None
    scoring = fingerprint([training, fold.test_from, fold.test_to, data.evaluation_time, exclusions, backtest.card,
                           backtest.segments, backtest.policy, backtest.capacity, code("evaluate")])  # fmt: skip
    return Part(fold, model, training, scoring)


def _may_distribute(model: Model) -> bool:
    return model.learner == "xgboost" and model.placement != "single"


def _inputs(data: Data) -> list[object]:
    """The rows and their outcomes, by what was pinned; where tables lie does not matter."""
    built, label = data.version, data.backtest.label
    pins = [[name, pin.version, pin.fingerprint, pin.table] for name, pin in sorted(data.pins.items())
            if name != data.backtest.table.name]  # fmt: skip
    made = built.commit.run_id if built.commit else None
    return [definitions_hash(data.backtest.table), built.number, made, pins, label, code(*TRAINS),
            {name: version(name) for name in LIBRARIES}]  # fmt: skip


@cache
def code(*rooms: str) -> str:
    """16 hex digits over the product's own files in these rooms."""
    root = Path(tillthen.__file__).parent
    digest = sha256()
    for path in sorted(path for room in rooms for path in (root / room).rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
