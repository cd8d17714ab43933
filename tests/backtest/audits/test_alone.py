from __future__ import annotations

from dataclasses import replace

import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.backtest.conftest import payments
from tillthen.backtest.audits.alone import alone, too_good
from tillthen.backtest.rows.inputs import open_outcomes


def test_single_features_are_ranked_by_the_better_direction(spark, business):
    config, project = business
    backtest = project.backtest("small")
    table = spark.read.format("delta").load(f"{config.warehouse}/payment_features")
    signal = table.withColumn("signal", -table["signal"])
    found = alone(signal, open_outcomes(spark, config, backtest.label)[0], backtest)
    known = payments()
    assert found[0]["feature"] == "signal"
    assert abs(found[0]["roc_auc"] - roc_auc_score(known["fraud"], known["signal"])) < 1e-12
    assert abs(found[0]["average_precision"] - average_precision_score(known["fraud"], known["signal"])) < 1e-12
    assert too_good(backtest, found) == []
    assert too_good(backtest, [{**found[0], "roc_auc": 0.9951}]) == [
        "'signal' alone ranks the rows of backtest 'small' with an AUC of 0.9951: does it know the label?"
    ]


def test_rows_that_can_have_no_outcome_are_no_negatives(spark, business):
    config, project = business
    backtest = project.backtest("small")
    table = spark.read.format("delta").load(f"{config.warehouse}/payment_features")
    known = open_outcomes(spark, config, backtest.label)[0]
    declined = table.where("signal < -0.5").selectExpr(
        "payment AS __decision", "0L AS __known_from", "CAST(NULL AS BIGINT) AS __known_to"
    )
    found = alone(table, replace(known, unobserved=declined), backtest)
    observed = payments()[lambda rows: (rows["signal"] >= -0.5) | (rows["fraud"] == 1)]
    assert len(observed) < len(payments())
    assert found[0]["roc_auc"] == pytest.approx(roc_auc_score(observed["fraud"], observed["signal"]), abs=1e-12)


def test_integers_that_no_double_holds_are_ranked(spark, business):
    config, project = business
    backtest = project.backtest("small")
    table = spark.read.format("delta").load(f"{config.warehouse}/payment_features")
    known = open_outcomes(spark, config, backtest.label)[0]
    large = table.selectExpr("* EXCEPT (amount)", f"amount + {2**53 + 1} AS amount")
    found = {one["feature"]: one["roc_auc"] for one in alone(large, known, backtest)}
    expected = {one["feature"]: one["roc_auc"] for one in alone(table, known, backtest)}
    assert found["amount"] == pytest.approx(expected["amount"], abs=1e-3)
