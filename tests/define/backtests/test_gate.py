from __future__ import annotations

from dataclasses import replace

import pytest

from tillthen import Backtest, Costs, FeatureTable, Folds, Gate, Label, Model, Source, Spine, days
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.gate import Measure
from tillthen.define.faults.collecting import collecting
from tillthen.define.faults.errors import DefinitionError


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ({"metric": "net_kost", "at_most": 0}, "Gate 'net_kost' is about no known figure. Did you mean 'net_cost'?"),
        ({"metric": "savings"}, "Gate 'savings' has no bound. Declare at_least= or at_most=."),
        (
            {"metric": "savings", "at_least": "0.3"},
            "expected a finite number or a decimal number, got '0.3'",
        ),
        ({"metric": "savings", "at_least": float("nan")}, "expected a finite number or a decimal number, got nan"),
        ({"metric": "savings", "at_least": True}, "expected a finite number or a decimal number, got True"),
        ({"metric": "savings", "at_least": 0.5, "at_most": 0.4}, "expected at_least <= at_most, got 0.5 and 0.4"),
        ({"metric": "savings", "of": "rival", "at_least": 0}, "'of': expected 'challenger', 'champion' or"),
        (
            {"metric": "approval_rate", "at_least": 99},
            "expected a number from 0 to 1, got 99. Shares are from",
        ),
        (
            {"metric": "insult_rate", "of": "difference", "at_most": 2},
            "expected a number from -1 to 1, got 2",
        ),
        ({"metric": "roc_auc", "at_least": 86}, "expected a number from 0 to 1, got 86"),
        ({"metric": "calibration_ratio", "at_most": 0.8}, "expected a number from 1 to inf, got 0.8"),
        ({"metric": "net_cost", "at_most": -5}, "expected a number from 0 to inf, got -5"),
        ({"metric": "savings", "of": "chalenger", "at_least": 0}, "Did you mean 'challenger'?"),
        ({"metric": "calibration_ratio", "of": "difference", "at_most": 0, "surely": True}, "give no interval of it"),
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


def _backtest(**changed):
    payments = Source("payments", id="payment", event_time="at")
    table = FeatureTable("features", Spine(payments, as_of="at", known=["amount"]), [], row_features=["amount"])
    declared = {
        "name": "alone", "table": table, "label": Label("fraud", payments, "payment", days(1)),
        "folds": Folds("2024-01-01", train=days(7), test=days(20)), "models": [Model("only", "logistic_regression")],
        "costs": Costs("amount", unit="minor", currency="EUR", margin=1),
    }  # fmt: skip
    return Backtest(**declared | changed)


def test_a_gate_on_a_challenger_needs_one():
    _backtest(gates=[Gate("savings", of="champion", at_least=0)])
    with pytest.raises(DefinitionError, match="the gate 'Savings' is of a challenger, and none is declared"):
        _backtest(gates=[Gate("savings", at_least=0)])
    before, after = (_backtest(gates=gates) for gates in ([], [Gate("canaries")]))
    assert fingerprint(before) == fingerprint(after)  # a gate trains nothing anew


def test_a_gate_that_could_never_hold_on_its_backtest_is_refused():
    sure = Gate("savings", of="champion", at_least=0, surely=True)
    _backtest(folds=Folds("2024-01-01", train=days(7), test=days(10), count=2), gates=[sure])
    with pytest.raises(DefinitionError, match="'Savings, champion, surely' needs an interval: expected tests of"):
        _backtest(folds=Folds("2024-01-01", train=days(7), test=days(19)), gates=[sure])
    with pytest.raises(DefinitionError, match="is of cards, and none is declared. Declare card="):
        _backtest(gates=[Gate("card_precision", of="champion", at_least=0.1)])


def test_a_figure_that_is_none_is_told_once_where_a_project_is_read():
    with collecting() as faults:
        _backtest(gates=[Gate("net_costs", at_most=0)], models=[Model("only"), Model("other")], challenger="other")
    assert len(faults) == 1
    assert "Gate 'net_costs' is about no known figure. Did you mean 'net_cost'?" in faults[0]


def test_a_difference_is_within_the_width_of_its_measure_either_way():
    measure = Measure("Half", "share", least=0.25, most=1.0)
    assert (measure.span("difference"), measure.span("challenger")) == ((-0.75, 0.75), (0.25, 1.0))
    assert replace(measure, of_run=True).span("difference") == (0.25, 1.0)
