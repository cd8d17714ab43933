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


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("handbook")
    arguments = ["--conf", str(ROOT / "conf" / "handbook.yaml"), "--set", f"warehouse={folder}"]
    assert cli.main(["build", *arguments]) == 0
    assert cli.main(["backtest", *arguments]) == 0
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
    assert built[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"].to_numpy() == pytest.approx(mean, rel=1e-9)
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
