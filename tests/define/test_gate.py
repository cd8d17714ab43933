from __future__ import annotations

import pytest

from tillthen import Backtest, Costs, FeatureTable, Folds, Gate, Label, Model, Source, Spine, days
from tillthen.define.errors import DefinitionError
from tillthen.define.fingerprint import fingerprint


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ({"metric": "net_kost", "at_most": 0}, "Gate 'net_kost' is about no known figure. Did you mean 'net_cost'?"),
        ({"metric": "savings"}, "Gate 'savings' has no bound. Declare at_least= or at_most=."),
        ({"metric": "savings", "at_least": "0.3"}, "'at_least': expected a finite number, got '0.3'"),
        ({"metric": "savings", "at_least": float("nan")}, "'at_least': expected a finite number, got nan"),
        ({"metric": "savings", "at_least": True}, "'at_least': expected a finite number, got True"),
        ({"metric": "savings", "at_least": 0.5, "at_most": 0.4}, "expected at_least <= at_most, got 0.5 and 0.4"),
        ({"metric": "savings", "of": "rival", "at_least": 0}, "'of': expected 'challenger', 'champion' or"),
        ({"metric": "canaries", "surely": True}, "backtests give no interval of it"),
    ],
)
def test_a_gate_that_cannot_be_judged_is_refused(declared, fault):
    with pytest.raises(DefinitionError) as raised:
        Gate(**declared)
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("gate", "title", "needs"),
    [
        (Gate("net_cost", of="difference", at_most=0, surely=True), "Net cost, challenger less champion, surely", True),
        (Gate("average_precision", at_least=0.3), "Average precision", True),
        (Gate("brier", of="champion", at_most=0.01), "Brier score, champion", False),
        (Gate("canaries"), "Canaries that fired", False),
    ],
)
def test_its_title_says_what_it_asks(gate, title, needs):
    assert (gate.title, gate.needs_challenger) == (title, needs)


def test_a_gate_on_a_challenger_needs_one():
    payments = Source("payments", id="payment", event_time="at")
    table = FeatureTable("features", Spine(payments, as_of="at", known=["amount"]), [], row_features=["amount"])
    declared = {
        "name": "alone", "table": table, "label": Label("fraud", payments, "payment", days(1)),
        "folds": Folds("2024-01-01", train=days(7), test=days(7)),
        "costs": Costs("amount", unit="minor", currency="EUR", margin=1),
    }  # fmt: skip
    models = [Model("only", "logistic_regression")]
    Backtest(**declared, models=models, gates=[Gate("savings", of="champion", at_least=0)])
    with pytest.raises(DefinitionError, match="the gate 'Savings' is of a challenger, and none is declared"):
        Backtest(**declared, models=models, gates=[Gate("savings", at_least=0)])
    before, after = (Backtest(**declared, models=models, gates=gates) for gates in ([], [Gate("canaries")]))
    assert fingerprint(before) == fingerprint(after)  # a gate trains nothing anew
