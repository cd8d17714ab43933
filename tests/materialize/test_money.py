"""Payments of several currencies in one, from the declaration through build, audit, explain and plan."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tillthen import cli

DECLARATIONS = '''
"""Cards that pay in several currencies."""
from tillthen import FeatureTable, Money, Rates, Source, Spine, count, days, feature_set, sum

payments = Source("payments", id="payment", event_time="at", money={"amount": Money(by="currency", unit="major")})
fx = Source("fx", event_time="from_time", known_time="told")
in_eur = Rates(fx, base="EUR", max_age=days(2)).convert(payments)


@feature_set(source=in_eur, entity="card")
def spending(payments):
    """What a card spends, in euro cents."""
    return payments.select("card", "amount")


@feature_set(source=payments, entity="card")
def dollars(payments):
    """What a card spends in dollars, in cents."""
    return payments.where("currency = 'USD'").select("card", "amount")


spending.features(sum("amount").over(days(30)), count("amount").over(days(30)))
dollars.features(sum("amount").over(days(30)))
cards = FeatureTable("cards", Spine(payments, as_of="at", known=["card", "amount"]), [spending, dollars],
                     row_features=["amount"])
'''
START = datetime(2024, 1, 1, tzinfo=UTC)


def paid(payment, hour, currency, amount):
    return {"payment": payment, "card": "a", "at": START + timedelta(hours=hour), "currency": currency,
            "amount": amount}  # fmt: skip


PAYMENTS = [paid(1, 10, "USD", 44.16), paid(2, 20, "JPY", 7472.0), paid(3, 30, "EUR", 0.29), paid(4, 90, "USD", 1.0),
            paid(5, 100, "EUR", 5.0)]  # fmt: skip
RATES = [
    {"currency": "USD", "rate": 0.9, "from_time": START, "told": START},
    {"currency": "USD", "rate": 0.5, "from_time": START + timedelta(hours=9), "told": START + timedelta(hours=11)},
    {"currency": "JPY", "rate": 0.00615, "from_time": START, "told": START},
]


@pytest.fixture(scope="module")
def world(spark, tmp_path_factory):
    root = tmp_path_factory.mktemp("currencies")
    for folder in ("conf", "features"):
        (root / folder).mkdir()
    (root / "features" / "cards.py").write_text(DECLARATIONS)
    tables = {"payments": PAYMENTS, "fx": RATES}
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), root / f"{name}.parquet")
    conf = root / "conf" / "test.yaml"
    conf.write_text(
        "{features: [features/cards.py], warehouse: wh, tables: {"
        + ", ".join(f"{name}: {{format: parquet, path: {name}.parquet}}" for name in tables) + "}}"
    )  # fmt: skip
    assert cli.main(["check", "--conf", str(conf)]) == 0
    assert cli.main(["build", "--conf", str(conf)]) == 0
    return root, conf


def test_what_is_built_is_in_minor_units_by_the_rate_that_was_known(world):
    found = DeltaTable(str(world[0] / "wh" / "cards")).to_pyarrow_table().to_pandas().sort_values("payment")
    assert found["amount"].tolist() == [4416, 7472, 29, 100, 500]  # each in its own minor units
    # 44.16 at .9, since .5 was told later; 7,472 yen at .00615; .29; a dollar 90 hours on has no rate within two days
    assert found["spending__sum_amount_30d"].tolist()[1:] == [3974, 3974 + 4595, 8598, 8598]
    assert found["spending__count_amount_30d"].tolist() == [0, 1, 2, 3, 3]
    assert found["dollars__sum_amount_30d"].tolist()[1:] == [4416, 4416, 4416, 4516]
    assert pd.isna(found["dollars__sum_amount_30d"].iloc[0])


def test_the_run_says_how_many_amounts_had_no_rate(world):
    (run,) = (world[0] / "wh" / "_runs").glob("*/cards.json")
    found = json.loads(run.read_text())
    assert found["facts"]["payments_in_EUR"]["no_rate"] == 1
    assert found["warnings"] == [
        "Source 'payments_in_EUR': 1 amounts are null, for want of a rate of 'fx' into EUR that was known and no older "
        "than 2d."
    ]


def test_audit_explain_plan_and_catalog_know_it(world, capsys):
    conf = ["--conf", str(world[1])]
    assert cli.main(["audit", *conf]) == 0
    # A spine's own payments are known as they are made, in dollars and in euros.
    assert "Doubt: Source" not in capsys.readouterr().out
    question = ["--key", "a", "--at", "2024-01-04T00:00:00Z"]
    assert cli.main(["explain", "spending__sum_amount_30d", *conf, *question]) == 0
    assert "8598" in capsys.readouterr().out
    assert cli.main(["plan", *conf]) == 0
    assert cli.main(["catalog", *conf]) == 0
