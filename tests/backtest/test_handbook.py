"""The Fraud Detection Handbook from its transactions to its published table, by the README's commands."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tillthen import cli

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "handbook_transactions.parquet"
DAY = 86_400_000_000

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the Handbook's transactions are not in {DATA.parent}")


def run(folder, *command):
    return cli.main([*command, "--conf", str(ROOT / "conf" / "handbook.yaml"), "--set", f"warehouse={folder}"])


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("handbook")
    assert run(folder, "build") == 0
    assert run(folder, "backtest", "handbook_baseline") == 0
    return folder


@pytest.fixture(scope="module")
def built(spark, warehouse):
    table = spark.read.format("delta").load(str(warehouse / "handbook_features")).toArrow().to_pandas()
    return table.sort_values("TRANSACTION_ID").reset_index(drop=True)


@pytest.fixture(scope="module")
def facts(warehouse):
    return json.loads((warehouse / "backtests" / "handbook_baseline" / "facts.json").read_text())


@pytest.fixture(scope="module")
def transactions():
    return pd.read_parquet(DATA).sort_values("TRANSACTION_ID").reset_index(drop=True)


def windows(transactions, key, values, offset, length):
    """Count and mean over (t - offset - length, t - offset] of each row's key, by sorted times and running sums."""
    times = transactions["TX_DATETIME"].to_numpy().astype("datetime64[us]").astype(np.int64)
    count, total = np.zeros(len(times), dtype=np.int64), np.zeros(len(times))
    for rows in transactions.groupby(key).indices.values():
        rows = rows[np.argsort(times[rows], kind="stable")]
        end = np.searchsorted(times[rows], times[rows] - offset, side="right")
        start = np.searchsorted(times[rows], times[rows] - offset - length, side="right")
        running = np.r_[0.0, np.cumsum(values[rows])]
        count[rows], total[rows] = end - start, running[end] - running[start]
    return count, np.where(count > 0, total / np.maximum(count, 1), 0.0)


@pytest.mark.parametrize("days", [1, 7, 30])
def test_features_equal_an_independent_computation(built, transactions, days):
    assert (built["TRANSACTION_ID"] == transactions["TRANSACTION_ID"]).all()
    count, mean = windows(transactions, "CUSTOMER_ID", transactions["TX_AMOUNT"].to_numpy(), 0, days * DAY)
    assert (built[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] == count).all()
    np.testing.assert_allclose(built[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"], mean, rtol=1e-9, atol=1e-12)
    fraud = transactions["TX_FRAUD"].to_numpy().astype(float)
    count, rate = windows(transactions, "TERMINAL_ID", fraud, 7 * DAY, days * DAY)
    assert (built[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] == count).all()
    assert (built[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] == rate).all()


def test_amount_weekend_and_night_are_the_decisions_own(built, transactions):
    time = transactions["TX_DATETIME"].dt
    assert (built["TX_AMOUNT"] == transactions["TX_AMOUNT"]).all()
    assert (built["TX_DURING_WEEKEND"] == (time.day_of_week >= 5)).all()
    assert (built["TX_DURING_NIGHT"] == (time.hour <= 6)).all()


def test_the_split_is_the_published_one_to_the_row(facts):
    (fold,) = facts["protocol"]["folds"]
    assert (fold["train"]["rows"], fold["train"]["positives"]) == (67_240, 598)
    assert (fold["test"]["rows"], fold["test"]["positives"]) == (58_264, 385)


def test_every_published_figure_is_met(facts):
    assert len(facts["published"]) == 12
    missed = [figure for figure in facts["published"] if not figure["holds"]]
    assert missed == []


def test_the_report_shows_both_side_by_side(warehouse):
    page = (warehouse / "backtests" / "handbook_baseline" / "report.html").read_text()
    assert "Fraud Detection Handbook, baseline" in page


@pytest.fixture(scope="module")
def prequential(warehouse):
    assert run(warehouse, "backtest", "handbook_prequential") == 0
    return json.loads((warehouse / "backtests" / "handbook_prequential" / "facts.json").read_text())


@pytest.mark.long
def test_four_weeks_are_tested_each_after_two(prequential):
    folds = prequential["protocol"]["folds"]
    assert [fold["train_from"][:10] for fold in folds] == ["2018-07-25", "2018-08-01", "2018-08-08", "2018-08-15"]
    assert [fold["test_from"][:10] for fold in folds] == ["2018-08-08", "2018-08-15", "2018-08-22", "2018-08-29"]
    assert (folds[0]["test"]["rows"], folds[0]["test"]["positives"]) == (58_264, 385)


@pytest.mark.long
def test_each_metric_has_mean_and_deviation_over_the_folds(prequential):
    for model in prequential["models"]:
        for metric in ("roc_auc", "average_precision", "card_precision"):
            values = [fold["metrics"][metric]["value"] for fold in model["folds"]]
            found = model["over_folds"][metric]
            assert found["mean"] == pytest.approx(np.mean(values))
            assert found["sd"] == pytest.approx(np.std(values, ddof=1))
            assert found["n"] == 4


@pytest.mark.long
def test_training_on_executors_gives_what_one_node_gives(prequential):
    by_name = {model["name"]: model for model in prequential["models"]}
    assert by_name["xgboost_distributed"]["placement"] == "distributed"
    assert by_name["xgboost"]["placement"] == "single"
    for here, there in zip(by_name["xgboost"]["folds"], by_name["xgboost_distributed"]["folds"], strict=True):
        assert abs(here["metrics"]["roc_auc"]["value"] - there["metrics"]["roc_auc"]["value"]) < 0.005
