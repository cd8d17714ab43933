"""One business in dollars, cents, yen and dinar, from the declaration to the page; and capacity on shared days."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tests.backtest.conftest import built
from tillthen.backtest.folds.scored_rows import open_scores
from tillthen.backtest.run import run_backtests
from tillthen.report.pages.publish import publish
from tillthen.report.pages.render import render_report

DECLARATIONS = """
from decimal import Decimal
from tillthen import Backtest, Costs, FeatureTable, Folds, Gate, Label, Model, Source, Spine, days, hours

payments = Source("payments", id="payment", event_time="at")
outcomes = Source("outcomes", table="payments", id="payment", event_time="at", known_time="reported")
known = ["card", "cents", "dollars", "dinar", "signal", "merchant"]
table = FeatureTable("table", Spine(payments, as_of="at", known=known),
                     row_features=["signal"])
fraud = Label("fraud", outcomes, decision="payment", positive="fraud = 1", maturity=days(1))
folds = Folds("2024-01-01", train=days(10), calibrate=days(4), test=days(6))


def backtest(name, costs, **options):
    return Backtest(**{"name": name, "table": table, "label": fraud, "folds": folds, "costs": costs, "card": "card",
                       "models": [Model("rules", "rules", rules={"signal > 2": 0.5, "signal between 1 and 2": 0.1})],
                       "capacity": 3, "segments": {"card": "card"}, **options})


cents = backtest("cents", Costs("cents", unit="minor", currency="USD", chargeback_fee=2000, margin=0.1))
dollars = backtest("dollars",
                   Costs("dollars", unit="major", currency="USD", chargeback_fee=20.0, margin=Decimal("0.1")),
                   gates=[Gate("net_cost", of="champion", at_most=Decimal("1000000.5"))])
yen = backtest("yen", Costs("cents", unit="major", currency="JPY", chargeback_fee=2000, margin=0.1),
               segments={"country": "merchant.country"})
dinar = backtest("dinar", Costs("dinar", unit="major", currency="KWD", chargeback_fee=Decimal("2.000"), margin=0.1))
shared = backtest("shared", Costs("cents", unit="minor", currency="USD", margin=0.1), policy="capacity", capacity=5,
                  folds=Folds("2024-01-01", train=days(10), test=hours(36), count=4))
steady = backtest("steady", Costs("cents", unit="minor", currency="USD", margin=0.1), policy="saving_threshold")
"""
NAMES = ("cents", "dollars", "yen", "dinar", "shared", "steady")


def payments():
    """24 days, 60 a day; amounts in cents, the same in dollars as doubles, and as many fils in dinar as decimals."""
    random = np.random.default_rng(7)
    n = 24 * 60
    signal = random.normal(size=n)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.sort(random.integers(0, 24 * 86_400, n)), unit="s")
    cents = random.integers(100, 20_000, n)
    return pd.DataFrame(
        {
            "payment": np.arange(n), "at": at.astype("datetime64[us, UTC]"), "cents": cents, "dollars": cents / 100,
            "card": [f"card{i}" for i in random.integers(0, 40, n)],
            "dinar": [Decimal(int(c)).scaleb(-3) for c in cents], "signal": signal,
            "fraud": (random.random(n) < 1 / (1 + np.exp(4 - 2 * signal))).astype(np.int64),
            "reported": (at + pd.Timedelta(hours=5)).astype("datetime64[us, UTC]"),
            "merchant": [{"country": "JP" if i % 3 else "KW"} for i in range(n)],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def ran(spark, tmp_path_factory):
    config, project = built(tmp_path_factory.mktemp("money"), "money", payments(), DECLARATIONS)
    return config, dict(zip(NAMES, run_backtests(config, project, NAMES), strict=True))


@pytest.fixture(scope="module")
def facts(ran):
    return {name: json.loads((folder / "facts.json").read_text()) for name, folder in ran[1].items()}


def money(facts):
    (model,) = facts["models"]
    return {
        "verdict": facts["verdict"]["rows"], "policies": model["policies"], "daily": model["daily"],
        "thresholds": model["thresholds"], "capacity": model["capacity"], "sensitivity": model["sensitivity"],
        "points": model["explorer"]["points"], "worst": [model["misses"], model["insults"]],
    }  # fmt: skip


def test_the_same_money_gives_the_same_facts_in_whatever_unit_it_came(facts):
    assert money(facts["dollars"]) == money(facts["cents"]) == money(facts["yen"]) == money(facts["dinar"])
    digits = {name: facts[name]["backtest"]["minor_digits"] for name in ("dollars", "yen", "dinar")}
    assert digits == {"dollars": 2, "yen": 0, "dinar": 3}


def test_approving_everything_costs_to_the_cent_what_the_frauds_were(facts):
    rows = payments()
    tested = rows[(rows["at"] >= "2024-01-15") & (rows["at"] < "2024-01-21") & (rows["fraud"] == 1)]
    expected = int(tested["cents"].sum()) + 2000 * len(tested)
    policies = {row["name"]: row for row in facts["dollars"]["models"][0]["policies"]}
    assert policies["none"]["cost"] == expected


def test_people_read_major_units_with_the_currencys_digits(ran, facts):
    cost = {row["metric"]: row["champion"] for row in facts["yen"]["verdict"]["rows"]}["net_cost"]
    pages = {}
    for name in ("dollars", "yen", "dinar"):
        folder = ran[1][name]
        publish(folder / "facts.json")
        pages[name] = render_report(folder / "facts.json").read_text()
        with (folder / "tables" / "policies.csv").open() as file:
            row = next(row for row in csv.DictReader(file) if row["name"] == "bayes_minimum_risk")
        digits = facts[name]["backtest"]["minor_digits"]
        assert row["currency"] == facts[name]["backtest"]["currency"]
        assert Decimal(row["cost"]) == Decimal(str(cost)).scaleb(-digits)
    told = {name: (ran[1][name] / "summary.md").read_text().replace("\N{NO-BREAK SPACE}", " ") for name in pages}
    assert f"JPY {cost:,.0f}" in told["yen"]
    assert f"USD {cost / 100:,.0f}" in told["dollars"] or f"USD {cost / 100:,.2f}" in told["dollars"]
    assert f"KWD {cost / 1000:,.3f}" in told["dinar"]
    for name, fee in (("dollars", "USD 20.00"), ("yen", "JPY 2,000"), ("dinar", "KWD 2.000")):
        assert fee in pages[name].replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_a_bound_in_dollars_is_held_against_dollars(facts):
    (gate,) = facts["dollars"]["verdict"]["gates"]
    assert (gate["holds"], gate["expected"]) == (True, "at most USD 1,000,000")


def test_a_day_that_two_folds_share_has_its_capacity_once(spark, ran, facts):
    config, _ = ran
    rows = open_scores(spark, config, "shared").read().toArrow().to_pandas()
    declined = rows[rows["action"] == "decline"].groupby("day").size()
    assert set(rows.groupby("day")["fold"].nunique()) == {1, 2}
    assert declined.max() == 5
    told = {row["name"]: row for row in facts["shared"]["models"][0]["policies"]}
    assert told["capacity"]["declined"] == declined.sum()


def test_a_threshold_of_saving_is_fitted_before_the_test_and_says_on_which_days_it_takes_more(spark, ran, facts):
    config, _ = ran
    rows = open_scores(spark, config, "steady").read().toArrow().to_pandas()
    taken = rows[rows["action"] == "decline"].groupby("day").size()
    (row,) = [row for row in facts["steady"]["models"][0]["policies"] if row["name"] == "saving_threshold"]
    assert (row["days_above"], row["most_a_day"]) == ((taken > 3).sum(), taken.max())
    assert row["declined"] == taken.sum()
    rows = payments()
    before = rows[rows["at"].between(pd.Timestamp("2024-01-11", tz="UTC"), pd.Timestamp("2024-01-15", tz="UTC"))]
    p = np.select([before["signal"] > 2, before["signal"] > 1], [0.5, 0.1], 0.0)
    saves = np.sort(p * before["cents"] - (1 - p) * 0.1 * before["cents"])[::-1]
    assert row["threshold"] == pytest.approx(saves[11])  # three a day in four days


def test_a_field_of_a_column_is_a_segment(facts):
    (segment,) = facts["yen"]["models"][0]["segments"]
    assert (segment["name"], [row["value"] for row in segment["rows"]]) == ("country", ["JP", "KW"])
