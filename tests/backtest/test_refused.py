"""What a backtest refuses before it trains, and what it says of windows and labels."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from tests.backtest.conftest import payments
from tillthen import days
from tillthen.backtest.facts.assembly import _young
from tillthen.backtest.folds.fold_models import NEITHER, _thresholds
from tillthen.backtest.rows.inputs import open_outcomes
from tillthen.backtest.run import run_backtests
from tillthen.backtest.training.for_use import train
from tillthen.define.expectations.expect import between
from tillthen.define.faults.errors import ConfigurationError, DataContractError


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("late", "expected windows within the data, 2024-01-01"),
        ("empty", "expected positives and negatives, got 0 positives"),
        ("immature", "no label of the training window was known by 2024-01-24"),
    ],
)
def test_what_cannot_be_trained_is_refused(business, name, fault):
    with pytest.raises(DataContractError, match=fault):
        run_backtests(*business, [name])


def test_a_fold_that_cannot_be_trained_is_refused_before_an_earlier_one_is(business, capsys):
    with pytest.raises(DataContractError, match="expected positives and negatives, got 0 positives"):
        run_backtests(*business, ["early"])  # all its frauds are of the first ten days
    said = capsys.readouterr().err
    assert "Check 2 folds" in said
    assert "Train" not in said


def test_labels_of_the_future_are_refused(business, capsys):
    config, project = business
    patient = replace(project.backtest("small"), evaluate_after=days(100_000))
    with pytest.raises(DataContractError, match="the evaluation time: expected no later than now, .*, got 2297-"):
        run_backtests(config, replace(project, backtests={"small": patient}), ["small"])
    with pytest.raises(DataContractError, match="The cut-off: expected no later than now"):
        train(*business, "small", "good", datetime(2100, 1, 1, tzinfo=UTC))
    assert "Train" not in capsys.readouterr().err


def test_an_expression_that_a_value_does_not_suit_is_one_line(business):
    config, project = business
    sliced = replace(project.backtest("small"), name="sliced", segments={"share": "amount / (payment % 2)"})
    with pytest.raises(DataContractError, match="Backtest 'sliced': Division by zero"):
        run_backtests(config, replace(project, backtests={"sliced": sliced}), ["sliced"])


def test_costs_are_asked_for_where_thresholds_are_fitted(business):
    config, project = business
    owed = "CASE WHEN at < '2024-01-28T00:00:00Z' THEN -1 ELSE amount END"  # before every test
    small = project.backtest("small")
    wrong = replace(small, name="wrong", costs=replace(small.costs, amount=owed))
    with pytest.raises(DataContractError, match="of the costs on .* rows: expected a finite amount"):
        run_backtests(config, replace(project, backtests={"wrong": wrong}), ["wrong"])


def test_rows_that_gates_set_aside_are_no_outcomes(business, spark):
    config, project = business
    label = project.backtest("small").label
    rule = between("amount", 0, 10_000, otherwise="quarantine")
    doubtful = replace(label.source, columns={"amount": "bigint"}, expect=[rule])
    found, _ = open_outcomes(spark, config, replace(label, source=doubtful))
    rows = payments()
    assert found.positive.count() == ((rows["fraud"] == 1) & (rows["amount"] <= 10_000)).sum()


@pytest.mark.parametrize("labels", [[], [0, 0], [1, 1]])
def test_rows_of_one_class_give_no_thresholds(labels):
    rows = pd.DataFrame({"label": labels, "score": [0.9, 0.1][: len(labels)]})
    found = _thresholds(rows.assign(approve_fraud=500.0, decline_genuine=1.0), taken=1)
    assert {name: found[name] for name in ("best_f1", "empirical")} == dict.fromkeys(("best_f1", "empirical"))
    assert (found == NEITHER) == (not labels)


def test_windows_that_know_frauds_sooner_than_good_payments_are_said_to(business):
    small = business[1].backtest("small")
    assert _young(small) == []
    hasty = replace(small, folds=replace(small.folds, embargo=days(1)), evaluate_after=days(2))
    assert [said.split(" see ")[0] for said in _young(hasty)] == ["Models and thresholds", "The last test's figures"]
    assert "the embargo, 1d, is shorter than the label's maturity, 3d" in _young(hasty)[0]


def test_a_table_of_other_definitions_is_refused(business):
    config, project = business
    small = project.backtest("small")
    table = replace(small.table, derived={"large": "amount > 10000"})
    changed = replace(project, backtests={"small": replace(small, table=table)})
    with pytest.raises(
        DataContractError, match="holds days of other definitions.*Run 'tillthen build payment_features'"
    ):
        run_backtests(config, changed, ["small"])


def test_a_table_that_was_not_built_is_refused(business, tmp_path):
    config, project = business
    with pytest.raises((ConfigurationError, DataContractError), match="payment_features"):
        run_backtests(config.model_copy(update={"warehouse": str(tmp_path)}), project, ["small"])
