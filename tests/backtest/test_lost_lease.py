"""A run whose lease was taken over commits nothing more: scores, models, labels, the registry."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tables.thief import taking
from tillthen.backtest import run
from tillthen.backtest.folds import one_fold as folds
from tillthen.backtest.folds.fitting import Training
from tillthen.backtest.rows import audit_records as audited
from tillthen.backtest.rows.audit_records import record
from tillthen.backtest.run import run_backtests
from tillthen.backtest.training.for_use import train
from tillthen.define.faults.errors import ConfigurationError
from tillthen.tables.log import stands

LOST = "lost its lease .* Nothing was committed since; run again"


@pytest.fixture
def stolen(business, request):
    """A backtest of its own name, so that what another test has written is not in the way."""
    config, project = business
    name = re.sub(r"\W+", "_", request.node.name).strip("_")
    return config, replace(project, backtests={name: replace(project.backtest("small"), name=name)}), name


def written(config, name):
    """What a backtest has: models, scores, the ledger's entries, facts."""
    folder = config.records / "backtests" / name
    models = sorted(str(path.relative_to(folder)) for path in folder.glob("models/*/*"))
    tables = [part for part in ("scores", "folds") if stands(f"{config.warehouse}/backtests/{name}/{part}", {})]
    return models, tables, (folder / "facts.json").exists()


@pytest.mark.parametrize(
    ("module", "work", "kept"),
    [
        (folds, "train", ([], [], False)),
        (folds, "scored_rows", (["models/fold0/blind", "models/fold0/good"], [], False)),
        (folds, "_tested", (["models/fold0/blind", "models/fold0/good"], ["scores", "folds"], False)),
    ],
)
def test_a_backtest_stops_before_its_next_commit(stolen, monkeypatch, module, work, kept):
    config, project, name = stolen
    monkeypatch.setattr(module, work, taking(config, f"backtests-{name}", getattr(module, work)))
    with pytest.raises(ConfigurationError, match=LOST):
        run_backtests(config, project, [name])
    assert written(config, name) == kept


def test_facts_are_not_written(stolen, monkeypatch):
    config, project, name = stolen
    monkeypatch.setattr(run, "assemble", taking(config, f"backtests-{name}", run.assemble))
    with pytest.raises(ConfigurationError, match=LOST):
        run_backtests(config, project, [name])
    assert not written(config, name)[2]


def test_a_training_keeps_no_labels_and_leaves_the_model_that_was_there(stolen, monkeypatch):
    config, project, name = stolen
    place = f"{name}/good/20240201T000000Z"
    monkeypatch.setattr(Training, "fit", taking(config, f"models/{place}", Training.fit))
    with pytest.raises(ConfigurationError, match=LOST):
        train(config, project, name, "good", datetime(2024, 2, 1, tzinfo=UTC))
    assert not (config.records / "models" / place).exists()
    assert not Path(config.warehouse, "_training", place).exists()


def test_an_audit_leaves_no_record(tmp_path):
    def lost():
        raise ConfigurationError("lost")

    with pytest.raises(ConfigurationError, match="lost"):
        record(tmp_path, "run", {"tables": []}, lost)
    assert list(audited._audits(tmp_path)) == []
