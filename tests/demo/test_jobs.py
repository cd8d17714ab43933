"""What the documentation tells a reader to run works, and leaves what it says."""

from __future__ import annotations

import json

import pytest

from tests.demo.conftest import COMMANDS


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
