"""A small business with one honest signal, built once: 60 days, 150 payments a day, 4% fraud known after 3 days."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tillthen.define.project import Project
from tillthen.materialize.runs.build import build
from tillthen.runtime.config import Config, load_config

DECLARATIONS = """
from tillthen import (
    Backtest, Costs, FeatureTable, Folds, Gate, Label, Model, Source, Spine, count, days, feature_set,
)

payments = Source("payments", id="payment", event_time="at")
outcomes = Source("outcomes", table="payments", id="payment", event_time="at", known_time="reported")


@feature_set(source=payments, entity="card", closed="right")
def cards(payments):
    return payments.select("card")


cards.features(count().over(days(1)))
table = FeatureTable(
    "payment_features", Spine(payments, as_of="at", known=["card", "amount", "signal"]), [cards],
    row_features=["amount", "signal"],
)
fraud = Label("fraud", outcomes, decision="payment", positive="fraud = 1", maturity=days(3))
costs = Costs("amount", unit="minor", currency="EUR", chargeback_fee=1500, margin=0.1)
folds = Folds("2024-01-01", train=days(20), embargo=days(3), calibrate=days(7), test=days(12), count=2)
good = Model("good", "logistic_regression", calibration="sigmoid")
blind = Model("blind", "logistic_regression", features=["amount"])


def backtest(name="small", **options):
    return Backtest(**{
        "name": name, "table": table, "label": fraud, "folds": folds, "models": [blind, good], "costs": costs,
        "champion": "blind", "challenger": "good", "card": "card", "capacity": 5, "exclude_compromised": True,
        **options,
    })


small = backtest(gates=[Gate("savings", of="difference", at_least=0.1), Gate("roc_auc", at_least=0.999)])
late = backtest("late", folds=Folds("2024-06-01", train=days(20), test=days(12)), models=[blind], challenger=None)
empty = backtest("empty", label=Label("fraud", outcomes, "payment", days(3), "fraud = 7"))
early = backtest("early", label=Label("fraud", outcomes, "payment", days(3), "fraud = 1 AND payment < 1500"))
immature = backtest("immature", label=Label("fraud", outcomes, "payment", days(400), "fraud = 7"))
"""


def payments() -> pd.DataFrame:
    random = np.random.default_rng(1)
    n = 60 * 150
    signal = random.normal(size=n)
    fraud = (random.random(n) < 1 / (1 + np.exp(5 - 2 * signal))).astype(np.int64)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.sort(random.integers(0, 60 * 86_400, n)), unit="s")
    return pd.DataFrame(
        {
            "payment": np.arange(n),
            "at": at.astype("datetime64[us, UTC]"),
            "card": [f"card{i}" for i in random.integers(0, 400, n)],
            "amount": random.integers(100, 20_000, n),
            "signal": signal,
            "fraud": fraud,
            "reported": (at + pd.Timedelta(days=2)).astype("datetime64[us, UTC]"),
        }
    )


@pytest.fixture(scope="session")
def business(spark, tmp_path_factory):
    """The configuration and project, with the feature table built."""
    return built(tmp_path_factory.mktemp("business"), "small", payments(), DECLARATIONS)


def built(root: Path, name: str, rows: pd.DataFrame, declarations: str) -> tuple[Config, Project]:
    """A project of one file of declarations on one table of payments, with its feature table built."""
    for folder in ("conf", "features"):
        (root / folder).mkdir()
    rows.to_parquet(root / "payments.parquet")
    (root / "features" / f"{name}.py").write_text(declarations)
    conf = root / "conf" / f"{name}.yaml"
    conf.write_text(
        f"features: [features/{name}.py]\nwarehouse: warehouse\n"
        "tables:\n  payments: {format: parquet, path: payments.parquet}\n"
    )
    config = load_config(conf)
    project = config.project()
    build(config, project)
    return config, project
