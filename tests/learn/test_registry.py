"""Runs and registered models, in the embedded store and on a real server on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.learn.serving import MODELS, finished, server
from tillthen import Model
from tillthen.backtest.folds.fold_models import NEITHER, Trained
from tillthen.define.faults.errors import ReportError
from tillthen.learn.calibration import Calibrator
from tillthen.learn.calibration import fit as calibrate
from tillthen.learn.encoding import Encoding
from tillthen.learn.files import hashes
from tillthen.learn.fitted import load
from tillthen.learn.learner import fit
from tillthen.learn.registry import CHALLENGER, current, move, record
from tillthen.learn.tracking import store, track
from tillthen.runtime.config import Config


@pytest.fixture(scope="module", params=["file", "server"])
def config(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    if request.param == "file":
        yield Config(root=root, warehouse=str(root / "wh"))
        return
    with server(root) as address:
        yield Config(root=root, warehouse=str(root / "wh"), tracking=address)


@pytest.fixture(scope="module")
def folder(config, tmp_path_factory):
    return finished(tmp_path_factory.mktemp("backtest"))


def runs_of(client, kind, digest):
    experiment = client.get_experiment_by_name("card_fraud").experiment_id
    return client.search_runs([experiment], f"tags.`tillthen.kind` = '{kind}' and tags.`tillthen.facts` = '{digest}'")


def test_a_backtest_its_models_and_its_folds_are_runs(config, folder):
    digest = track(config, folder).digest
    facts = json.loads((folder / "facts.json").read_text())
    with store(config) as client:
        (own,) = runs_of(client, "backtest", digest)
        models = {run.info.run_name: run for run in runs_of(client, "model", digest)}
        folds = {run.info.run_name: run for run in runs_of(client, "fold", digest)}
        files = {file.path for file in client.list_artifacts(own.info.run_id)}
        steps = client.get_metric_history(models["xgboost"].info.run_id, "fold/average_precision")
        (kept,) = client.list_artifacts(folds["fold 2"].info.run_id, "models/logistic_regression")[-1:]
    assert {"facts.json", "report.html", "tables"} <= files
    assert set(folds) == {"fold 1", "fold 2"}
    assert {run.data.tags["mlflow.parentRunId"] for run in [*models.values(), *folds.values()]} == {own.info.run_id}
    measured = facts["models"][1]
    assert models["xgboost"].data.metrics["average_precision"] == measured["metrics"]["average_precision"]["value"]
    assert models["xgboost"].data.params["max_depth"] == "6"
    assert sorted(one.step for one in steps) == [1, 2]
    assert "xgboost/recall_at_fpr/0.001" in folds["fold 1"].data.metrics
    assert folds["fold 1"].data.params["test_from"] == facts["protocol"]["folds"][0]["test_from"]
    assert own.data.metrics["net_cost/challenger"] == facts["verdict"]["rows"][0]["challenger"]
    assert kept.path.endswith("signature.json")  # the second fold decided with the model of the first


def test_the_same_facts_are_tracked_once(config, folder):
    first = track(config, folder)
    assert track(config, folder) == first
    with store(config) as client:
        assert len(runs_of(client, "backtest", first.digest)) == 1


def test_versions_aliases_and_the_files_of_a_model(config, folder, tmp_path):
    versions = record(config, folder)
    with store(config) as client:
        champion, challenger = (current(client, "card_fraud", alias) for alias in ("champion", "challenger"))
        assert (champion, challenger) == (versions["champion"], versions["challenger"])
        assert (champion.model, challenger.model) == ("logistic_regression", "xgboost")
        kept = client.get_model_version("card_fraud", challenger.number)
        path = client.download_artifacts(kept.run_id, "models/xgboost/signature.json", str(tmp_path))
        assert json.loads(Path(path).read_text()) == {"name": "xgboost", "fold": 1}  # not an earlier run's
    assert record(config, folder) == versions  # equal facts make no new version
    with store(config) as client:
        move(client, versions["challenger"])
        assert current(client, "card_fraud") == versions["challenger"]
        assert current(client, "card_fraud", CHALLENGER) is None
    again = record(config, finished(tmp_path / "again", limits=["another run"]))
    with store(config) as client:
        assert current(client, "card_fraud") == versions["challenger"]  # only a promotion moves the champion
        assert current(client, "card_fraud", CHALLENGER) == again["challenger"] != versions["challenger"]


def named_alike(folder):
    """A backtest whose models differ by letters that MLflow does not take, and which are models."""
    finished(folder)
    told = (folder / "facts.json").read_text().replace('"card_fraud"', '"alike"')
    for before, name in zip(MODELS, ("depth<4", "depth>4"), strict=True):
        told = told.replace(f'"{before}"', f'"{name}"')
        kept = folder / "models" / "fold1"
        (kept / before).rename(kept / name)
        random = np.random.default_rng(len(before))
        features = random.normal(size=(500, 2))
        labels = (features[:, 0] + random.normal(size=500) > 1).astype(np.int64)
        model = Model(name, parameters={"n_estimators": 5}, positive_weight=10)
        fitted = fit(model, Encoding(("amount[eur]", "b")), features, labels)
        Trained(fitted, calibrate("sigmoid", fitted.score(features), labels), NEITHER, {}).write(kept / name)
    plain = json.loads(told)
    for one in plain["provenance"]["models"]:
        one["files"] = hashes(folder / "models" / "fold1" / one["model"])
    (folder / "facts.json").write_text(json.dumps(plain, sort_keys=True))
    return folder


def probability(folder, features):
    calibrator = Calibrator.from_json(json.loads((folder / "calibrator.json").read_text()))
    return calibrator.apply(load(folder).score(features))


def test_models_named_alike_are_told_apart_and_give_their_own_probabilities(config, tmp_path):
    folder = named_alike(tmp_path / "alike")
    versions = record(config, folder)
    assert (versions["champion"].model, versions["challenger"].model) == ("depth<4", "depth>4")
    features = np.random.default_rng(1).normal(size=(100, 2))
    with store(config) as client:
        for version in versions.values():
            kept = client.get_model_version("alike", version.number)
            path = kept.source.split("/artifacts/")[-1]
            made = Path(client.download_artifacts(kept.run_id, f"models/{path.rsplit('/', 1)[-1]}", str(tmp_path)))
            ours = folder / "models" / "fold1" / version.model
            assert (probability(made, features) == probability(ours, features)).all()
            assert json.loads((made / "signature.json").read_text())["name"] == version.model
        params = client.get_run(client.get_model_version("alike", versions["champion"].number).run_id).data.params
    assert sum(name.startswith("depth_4-") and name.endswith("/learner") for name in params) == 2


def test_a_server_that_is_gone_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    config = Config(root=tmp_path, warehouse=str(tmp_path), tracking="http://127.0.0.1:9")
    with pytest.raises(ReportError, match="MLflow at 'http://127.0.0.1:9': .*The backtest's results stand"):
        track(config, finished(tmp_path / "backtest"))
