"""A whole backtest on a small business, and what it refuses before training."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from shutil import rmtree

import pandas as pd
import pytest
from deltalake import DeltaTable

from tests.backtest.conftest import payments
from tillthen.backtest import run, turns
from tillthen.backtest.folds.ledger import FoldLedger
from tillthen.backtest.folds.one_fold import run_fold
from tillthen.backtest.run import run_backtests
from tillthen.backtest.training.for_use import train
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.learn.fitted import load
from tillthen.learn.registry import record
from tillthen.materialize.runs.run import Turn


@pytest.fixture(scope="module")
def folder(business):
    (done,) = run_backtests(*business, ["small"])
    return done


@pytest.fixture(scope="module")
def facts(folder):
    return json.loads((folder / "facts.json").read_text())


def model(facts, name):
    return next(model for model in facts["models"] if model["name"] == name)


def test_the_model_that_sees_the_signal_wins(facts):
    net = {row["metric"]: row for row in facts["verdict"]["rows"]}
    assert net["net_cost"]["challenger"] < net["net_cost"]["champion"]
    assert net["savings"]["difference"] > 0.1
    assert net["net_cost"]["p_better"] > 0.95  # 24 test days: enough for an interval
    assert net["net_cost"]["lower"] < net["net_cost"]["difference"] < net["net_cost"]["upper"] < 0
    assert model(facts, "good")["metrics"]["average_precision"]["value"] > 0.2
    assert model(facts, "blind")["metrics"]["roc_auc"]["value"] == pytest.approx(0.5, abs=0.1)


def test_gates_are_judged_on_the_facts(facts):
    assert [(gate["name"], gate["holds"]) for gate in facts["verdict"]["gates"]] == [
        ("Savings, challenger less champion", True), ("ROC AUC", False),
    ]  # fmt: skip


def test_windows_and_counts_follow_the_label_clock(facts, business):
    rows = pd.read_parquet(business[0].root / "payments.parquet")
    first = facts["protocol"]["folds"][0]
    assert (first["train_cutoff"][:10], first["calibrate_to"][:10], first["test_from"][:10]) == (
        "2024-01-24", "2024-01-31", "2024-02-03",
    )  # fmt: skip
    trained = rows[rows["at"] < "2024-01-21"]
    assert first["train"] == {
        "rows": len(trained), "positives": int(trained["fraud"].sum()), "immature": 0, "unknown": 0,
    }  # fmt: skip
    tested = rows[(rows["at"] >= "2024-02-03") & (rows["at"] < "2024-02-15")]
    assert first["test"]["rows"] + first["test"]["excluded"] == len(tested)
    assert first["test"]["excluded"] > 0


def test_costs_are_those_of_the_declared_terms(facts, business):
    rows = pd.read_parquet(business[0].root / "payments.parquet")
    policies = {row["name"]: row for row in model(facts, "good")["policies"]}
    assert policies["oracle"]["cost"] <= policies["bayes_minimum_risk"]["cost"] < policies["none"]["cost"]
    frauds = rows[(rows["at"] >= "2024-02-03") & (rows["at"] < "2024-02-27") & (rows["fraud"] == 1)]
    assert policies["none"]["cost"] <= (frauds["amount"] + 1500).sum()
    assert policies["capacity"]["declined"] <= 5 * 24


def test_calibration_is_shown_before_and_after(facts):
    assert model(facts, "good")["calibration"]["after"] is not None
    assert model(facts, "blind")["calibration"]["after"] is None
    assert "calibration window" in facts["protocol"]["policy_thresholds_from"]


def noted(folder):
    """The ledger's rows in the order in which they were written."""
    rows = DeltaTable(str(folder / "folds")).to_pyarrow_table().to_pylist()
    return [(row["fold"], row["model"], row["status"]) for row in sorted(rows, key=lambda row: row["noted_at"])]


def version(folder):
    return DeltaTable(str(folder / "scores")).version()


def test_a_second_run_has_nothing_to_do_and_says_so(folder, business, capsys):
    before = (folder / "facts.json").read_bytes(), version(folder), noted(folder)
    run_backtests(*business, ["small"])
    assert "small: nothing to do, 4 folds and models stand" in capsys.readouterr().err
    assert ((folder / "facts.json").read_bytes(), version(folder), noted(folder)) == before


def test_only_what_changed_runs_again(folder, business):
    config, project = business
    small = project.backtest("small")
    before = len(noted(folder))
    for calibration in ("beta", "sigmoid"):
        models = [small.models[0], replace(small.models[1], calibration=calibration)]
        changed = replace(project, backtests={"small": replace(small, models=models)})
        run_backtests(config, changed, ["small"])
    assert {(fold, model) for fold, model, _ in noted(folder)[before:]} == {(0, "good"), (1, "good")}


def test_a_killed_run_is_taken_up_and_gives_the_same_bytes(folder, business, monkeypatch):
    before = (folder / "facts.json").read_bytes()
    rmtree(folder)
    started = []

    def dying(of, parts):
        started.append(parts[0].fold.number)
        if len(started) == 2:
            raise KeyboardInterrupt
        return run_fold(of, parts)

    monkeypatch.setattr(run, "run_fold", dying)
    with pytest.raises(KeyboardInterrupt):
        run_backtests(*business, ["small"])
    assert noted(folder) == [(0, model, status) for status in ("started", "scored") for model in ("blind", "good")]
    run_backtests(*business, ["small"])
    assert started == [0, 1, 1]
    assert (folder / "facts.json").read_bytes() == before


def test_scores_of_a_run_that_died_do_not_pass_for_those_of_another(folder, business, monkeypatch):
    config, project = business
    small = project.backtest("small")
    before = (folder / "facts.json").read_bytes()
    models = [small.models[0], replace(small.models[1], calibration="beta")]
    changed = replace(project, backtests={"small": replace(small, models=models)})
    note = FoldLedger.note

    def dying(ledger, entries, run_id):
        if entries[0].status == "scored":  # the scores are written by now
            raise KeyboardInterrupt
        note(ledger, entries, run_id)

    with monkeypatch.context() as patched:
        patched.setattr(FoldLedger, "note", dying)
        with pytest.raises(KeyboardInterrupt):
            run_backtests(config, changed, ["small"])
    (folder / "facts.json").unlink()
    run_backtests(*business, ["small"])
    assert (folder / "facts.json").read_bytes() == before


def test_facts_that_are_lost_are_made_again_without_training(folder, business, capsys):
    before = (folder / "facts.json").read_bytes(), version(folder)
    (folder / "facts.json").unlink()
    run_backtests(*business, ["small"])
    assert ((folder / "facts.json").read_bytes(), version(folder)) == before
    assert "Train" not in capsys.readouterr().err


def test_tables_and_models_are_beside_the_facts_and_can_be_registered(folder, business):
    assert len(pd.read_csv(folder / "tables" / "policies.csv")) == 18
    assert load(folder / "models" / "fold1" / "good").features == ("amount", "signal", "cards__count_1d")
    assert record(business[0], folder)["challenger"].model == "good"


def test_a_model_is_trained_on_what_was_known_at_a_cutoff(business):
    made = train(*business, "small", "good", datetime(2024, 2, 1, tzinfo=UTC))
    assert load(made).name == "good"
    with pytest.raises(DefinitionError, match="has no model 'goof'. Did you mean 'good'"):
        train(*business, "small", "goof", datetime(2024, 2, 1, tzinfo=UTC))


def test_a_model_replaces_an_earlier_one_as_a_whole(business, monkeypatch):
    which = (*business, "small", "good", datetime(2024, 2, 2, tzinfo=UTC))
    made = train(*which)
    whole = {path.name: path.read_bytes() for path in made.iterdir()}
    (made / "model.ubj").write_text("of another learner")
    with monkeypatch.context() as patched:
        patched.setattr("tillthen.backtest.training.for_use.keep_labels", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(*which)
    assert (made / "pins.json").read_bytes() == whole["pins.json"]
    assert train(*which) == made
    again = {path.name: path.read_bytes() for path in made.iterdir()}
    again["pins.json"] = whole["pins.json"]  # the labels are kept anew
    assert again == whole
    assert [path.name for path in made.parent.iterdir() if made.name in path.name] == [made.name]


def test_a_run_elsewhere_may_be_waited_for_or_seen_ended(business, monkeypatch):
    asked = {}

    def leased(*_, **how):
        asked.update(how)
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "leased", leased)
    with pytest.raises(KeyboardInterrupt):
        run_backtests(*business, ["small"], Turn(wait=5, seen_ended="other"))
    assert (asked["wait"], asked["seen_ended"]) == (5, "other")


def test_the_newest_model_needs_no_rows_after_its_cutoff(business):
    assert payments()["at"].max() < (end := pd.Timestamp("2024-03-01", tz="UTC"))
    assert (train(*business, "small", "good", end.to_pydatetime()) / "model.joblib").exists()


@pytest.mark.parametrize(
    ("harm", "trained"),
    [
        (lambda models: next((models / "fold0" / "good").glob("model*")).write_text("text"), {"good"}),
        (lambda models: (models / "fold1" / "blind" / "calibrator.json").unlink(), {"blind"}),
        (rmtree, {"good", "blind"}),
    ],
)
def test_models_that_are_lost_or_altered_are_made_again(folder, business, capsys, harm, trained):
    run_backtests(*business, ["small"])
    before = (folder / "facts.json").read_bytes()
    harm(folder / "models")
    with pytest.raises(DataContractError, match="lost or altered. Run the backtest again"):
        record(business[0], folder)
    capsys.readouterr()
    run_backtests(*business, ["small"])
    said = capsys.readouterr().err
    assert {name for name in ("good", "blind") if f"Train {name} (" in said} == trained
    assert (folder / "facts.json").read_bytes() == before  # the same model, byte for byte
    assert record(business[0], folder)["challenger"].model == "good"
