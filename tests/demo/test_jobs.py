"""What the documentation tells a reader to run works, and leaves what it says."""

from __future__ import annotations

import json
import re

import pytest

from tests.demo.conftest import COMMANDS, ROOT


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_ends_well(demo, command):
    assert demo.ended[command] == 0


def test_a_report_is_left_beside_its_facts(demo):
    folder = demo.warehouse / "backtests" / "card_fraud"
    facts = json.loads((folder / "facts.json").read_text())
    assert [model["name"] for model in facts["models"]] == ["rules", "logistic_regression", "xgboost"]
    assert all(canary["measured"] is not None for canary in facts["protocol"]["canaries"])
    assert (folder / "report.html").stat().st_size > 100_000
    assert (folder / "summary.md").read_text().startswith("#")


def test_the_rows_behind_a_report_give_its_figures(demo):
    page = (ROOT / "docs" / "how-to" / "report.md").read_text()
    (block,) = re.findall(r"```text\n(import tillthen\n.*?)```", page, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(block.replace("conf/local.yaml", str(demo.conf)), names)  # the page is ours
    rows = names["rows"]
    facts = json.loads((demo.warehouse / "backtests" / "card_fraud" / "facts.json").read_text())
    (model,) = [one for one in facts["models"] if one["name"] == "xgboost"]
    (told,) = [one for one in model["policies"] if one["name"] == "bayes_minimum_risk"]
    declined = rows["action"] == "decline"
    assert {action: int((rows["action"] == action).sum()) for action in told["actions"]} == told["actions"]
    assert int(declined.sum()) == told["actions"]["decline"] > 0
