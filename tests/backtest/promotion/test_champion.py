"""Promotion by gates: the champion moves when all hold, and what did not is said."""

from __future__ import annotations

import json
from shutil import rmtree

import pytest

from tests.conftest import CARDS
from tests.learn.serving import finished
from tests.tables.thief import taking
from tillthen import cli
from tillthen.backtest.promotion import champion as promotion
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.learn.registry import current
from tillthen.learn.tracking import store
from tillthen.runtime.config import load_config

DECLARED = """
from tillthen import Backtest, Costs, Folds, Gate, Label, Model

card_fraud = Backtest(
    "card_fraud", table=cards, label=Label("fraud", payments, "payment", days(1)),
    costs=Costs("amount", unit="minor", currency="EUR", margin=1),
    folds=Folds("2024-01-01", train=days(1), test=days(1)),
    models=[Model("logistic_regression", "logistic_regression"), Model("xgboost")], challenger="xgboost",
    gates=[Gate("savings", at_least=SAVED), Gate("canaries")],
)
"""


class Team:
    """A project with a backtest that was run, promoted by the command line."""

    def __init__(self, folder):
        self.folder, self.conf = folder, folder.conf

    def declare(self, saved=0.1, **replaced):
        text = CARDS + DECLARED.replace("SAVED", str(saved))
        for old, new in replaced.items():
            text = text.replace(old, new)
        self.folder.declarations.write_text(text)
        return self

    def run(self, declared=None, **changes):
        backtest = self.config.project().backtest("card_fraud")
        folder = finished(self.config.records / "backtests" / "card_fraud", **changes)
        facts = json.loads((folder / "facts.json").read_text())
        facts["provenance"]["definitions_hash"] = fingerprint(backtest)
        for model in facts["models"]:
            model["declared"] = (declared or {}).get(model["name"], "as at first")
        (folder / "facts.json").write_text(json.dumps(facts))
        return self

    def promote(self):
        return cli.main(["promote", "card_fraud", "--conf", str(self.conf)])

    @property
    def config(self):
        return load_config(self.conf)

    @property
    def champion(self):
        with store(self.config) as client:
            known = client.search_registered_models("name = 'card_fraud'")
            found = current(client, "card_fraud") if known else None
            return (found.model, found.number) if found else None


@pytest.fixture
def project(team):
    return Team(team)


def test_the_champion_moves_only_when_every_gate_holds(project, capsys):
    project.declare(saved=0.999).run()
    assert project.promote() == 5
    error = capsys.readouterr().err
    assert error.startswith(
        "Not promoted: xgboost, version 2 of card_fraud.\n  ✗ Savings: expected at least 99.90%, got "
    )
    assert "Canaries" not in error  # what holds is not among what does not
    assert project.champion == ("logistic_regression", "1")

    project.declare(saved=0.1)  # a gate is no part of what was run
    assert project.promote() == 0
    said = capsys.readouterr().out
    assert "✓ Canaries that fired: expected at least 100.00%, got 100.00%." in said
    assert "Champion: xgboost, version 2 of card_fraud, in place of logistic_regression, version 1" in said
    assert project.champion == ("xgboost", "2")

    assert project.promote() == 0
    assert "as before." in capsys.readouterr().out

    project.run(limits=["another run"])  # compared with what is no longer in use
    assert project.promote() == 5
    assert "The registered champion is xgboost, version 2 of card_fraud, and the backtest compared with "\
           "'logistic_regression'. Declare champion='xgboost'" in capsys.readouterr().err  # fmt: skip
    assert project.champion == ("xgboost", "2")


def test_a_champion_that_was_declared_otherwise_under_the_same_name_is_not_what_was_compared_with(project, capsys):
    project.declare(saved=0.999).run()
    assert project.promote() == 5
    assert project.champion == ("logistic_regression", "1")
    project.declare().run(limits=["changed"], declared={"logistic_regression": "other"})
    assert project.promote() == 5
    said = ("The registered champion is logistic_regression, version 1 of card_fraud, which was declared otherwise "
            "than the 'logistic_regression' that the backtest compared with. Declare it as it was")  # fmt: skip
    assert said in capsys.readouterr().err
    project.run(limits=["trained anew, by the same declarations"])
    assert project.promote() == 0
    assert project.champion[0] == "xgboost"


def test_a_promotion_whose_lease_was_taken_over_moves_nothing(project, capsys, monkeypatch):
    project.declare().run()
    monkeypatch.setattr(promotion, "record", taking(project.config, "backtests-card_fraud", promotion.record))
    assert project.promote() == 3
    assert "lost its lease" in capsys.readouterr().err
    assert project.champion == ("logistic_regression", "1")  # as it was registered, before the lease was lost


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "fold1/xgboost/signature.json").write_text("text"), "signature.json lost or altered"),
        (lambda folder: (folder / "fold1/xgboost/calibrator.json").unlink(), "calibrator.json lost or altered"),
        (lambda folder: rmtree(folder), "calibrator.json, signature.json lost or altered"),
    ],
)
def test_a_model_that_is_not_the_one_that_was_measured_is_never_promoted(project, capsys, harm, said):
    project.declare().run()
    harm(project.config.records / "backtests" / "card_fraud" / "models")
    assert project.promote() == 4
    error = capsys.readouterr().err
    assert said in error
    assert "Run the backtest again: it trains what is missing" in error
    assert project.champion is None


@pytest.mark.parametrize(
    "harm", [lambda file: file.write_text("text"), lambda file: file.unlink(), lambda file: rmtree(file.parent)]
)
def test_a_version_whose_files_in_mlflow_were_altered_is_never_promoted(project, capsys, harm):
    project.declare(saved=0.999).run()
    assert project.promote() == 5
    kept = (project.config.records / "mlflow" / "artifacts").glob("*/artifacts/models/xgboost/signature.json")
    for file in list(kept):  # of both folds, which the one model decided
        harm(file)
    project.declare(saved=0.1)
    assert project.promote() == 4
    assert "version 2 of card_fraud, in MLflow are not those that were measured" in capsys.readouterr().err
    assert project.champion == ("logistic_regression", "1")


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda project: project.declare(), 2, "has no facts in"),
        (lambda project: project.declare().run().declare(**{"margin=1": "margin=0.5"}), 4,
         "are of other definitions than today's. Run 'tillthen backtest card_fraud' first."),
        (lambda project: project.declare(**{"gates=": "gates=[] and "}).run(), 3, "declares no gates"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_before_anything_is_tracked(project, capsys, change, code, said):
    change(project)
    assert project.promote() == code
    assert said in capsys.readouterr().err
    assert not (project.config.records / "mlflow").exists()
