"""Amounts in the unit that they are declared in: whole minor units, or refused before anything is decided."""

from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from tillthen import Costs
from tillthen.backtest.rows.costs import cost_columns, refuse_costs
from tillthen.define.faults.errors import DataContractError, DefinitionError

WHERE = "Backtest 'b'"


def costs(**changed):
    return Costs(**{"amount": "amt", "unit": "major", "currency": "USD", "margin": 0.1} | changed)


def amounts(spark, asked, values, type="double"):
    frame = spark.createDataFrame([(value,) for value in values], f"amt {type}")
    refuse_costs(frame, asked, WHERE)
    return [row["amount"] for row in frame.select(*cost_columns(asked)).collect()]


@pytest.mark.parametrize(
    ("currency", "type", "values", "minor"),
    [
        ("USD", "double", [44.16, 0.29, 1.1 + 2.2, 90071992547.41], [4416, 29, 330, 9007199254741]),
        ("USD", "decimal(18,4)", [Decimal("44.1600"), Decimal("0.0100")], [4416, 1]),
        ("USD", "bigint", [44, 0], [4400, 0]),
        ("JPY", "double", [7472.0, 0.0], [7472, 0]),
        ("KWD", "decimal(12,3)", [Decimal("44.165")], [44165]),
    ],
)
def test_amounts_in_major_units_are_whole_minor_ones(spark, currency, type, values, minor):
    assert amounts(spark, costs(currency=currency), values, type) == minor


@pytest.mark.parametrize(
    ("changed", "type", "values", "fault"),
    [
        ({}, "double", [44.16, 44.165, 0.333],
         "the costs' amount 'amt' on 2 rows: expected USD with at most 2 decimals, .*got for example 44.165, 0.333"),
        ({"currency": "JPY"}, "double", [44.16], "on 1 rows: expected JPY with at most 0 decimals"),
        ({"currency": "KWD"}, "decimal(18,5)", [Decimal("1.23456")], "KWD with at most 3 decimals.* 1.23456"),
        ({"unit": "minor"}, "double", [44.16, 4416.0],
         'on 1 rows: expected whole minor units of USD.*44.16. Where amounts .* declare unit="major" in Costs'),
        ({}, "float", [44.16], "on 1 rows"),
        ({}, "double", [1e15], "up to 2..53"),
    ],
)  # fmt: skip
def test_amounts_that_are_no_whole_minor_units_are_refused(spark, changed, type, values, fault):
    with pytest.raises(DataContractError, match=fault):
        amounts(spark, costs(**changed), values, type)


@pytest.mark.parametrize("wrong", [None, float("nan"), float("inf"), -1.0])
def test_costs_that_are_no_amounts_are_refused(spark, wrong):
    with pytest.raises(DataContractError, match="Backtest 'b': 'amount' of the costs on 1 rows: expected a finite"):
        amounts(spark, costs(), [1.0, wrong])


def test_text_is_no_amount(spark):
    with pytest.raises(DefinitionError, match="'amt': expected a decimal, a double or an integer, got string"):
        amounts(spark, costs(), ["44.16"], "string")


def test_a_gap_of_a_millionth_is_rounded_half_to_even(spark):
    assert amounts(spark, costs(unit="minor"), [4416.0000009, 4415.9999991]) == [4416, 4416]
    with pytest.raises(DataContractError, match="on 1 rows"):
        amounts(spark, costs(unit="minor"), [4416.0000011])


def test_a_fee_that_is_an_expression_is_in_the_same_unit(spark):
    asked = costs(chargeback_fee="amt / 2", currency="KWD")
    frame = spark.createDataFrame([(1.5,)], "amt double").select(*cost_columns(asked))
    assert frame.select(F.col("approve_fraud")).first()[0] == 1500 + 750


@pytest.mark.parametrize(
    "changed", [{"margin": "pct"}, {"churn": "pct", "lifetime_value": 100}, {"recovery": "pct / 2"}]
)
def test_shares_in_percent_are_refused_by_name(spark, changed):
    frame = spark.createDataFrame([(1.0, 0.5), (1.0, 1.0)], "amt double, pct double")
    refuse_costs(frame, costs(**changed), WHERE)
    (name, term), *_ = changed.items()
    beyond = frame.selectExpr("amt", "pct * 4 AS pct")
    with pytest.raises(DataContractError, match=f"the costs' '{name}' '{term}' on [12] rows: expected shares from"):
        refuse_costs(beyond, costs(**changed), WHERE)
