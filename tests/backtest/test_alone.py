from __future__ import annotations

from sklearn.metrics import average_precision_score, roc_auc_score

from tests.backtest.conftest import payments
from tillthen.backtest.alone import alone, too_good


def test_single_features_are_ranked_by_the_better_direction(spark, business):
    config, project = business
    backtest = project.backtest("small")
    table = spark.read.format("delta").load(f"{config.warehouse}/payment_features")
    signal = table.withColumn("signal", -table["signal"])
    found = alone(signal, spark.read.parquet(config.table("payments").path), backtest)
    known = payments()
    assert found[0]["feature"] == "signal"
    assert abs(found[0]["roc_auc"] - roc_auc_score(known["fraud"], known["signal"])) < 1e-12
    assert abs(found[0]["average_precision"] - average_precision_score(known["fraud"], known["signal"])) < 1e-12
    assert too_good(backtest, found) == []
    assert too_good(backtest, [{**found[0], "roc_auc": 0.9951}]) == [
        "'signal' alone ranks the rows of backtest 'small' with an AUC of 0.9951: does it know the label?"
    ]
