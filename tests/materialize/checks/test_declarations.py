from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.materialize.checks.declarations import check
from tillthen.runtime.config import load_config


def run(team, *overrides):
    config = load_config(team.conf, overrides)
    return check(config, config.project())


def test_nothing_is_said_of_tables_that_fit(spark, team):
    assert run(team) == []


DISPUTES = """
disputes = Source("disputes", table="payments", event_time="opened")


@feature_set(source=disputes, entity="card")
def history(disputes):
    return disputes.select("card", "reason")
"""


def test_every_fault_of_every_source_comes_at_once(spark, team):
    team.declarations.write_text(team.declarations.read_text() + DISPUTES)
    team.pay([{"payment": "x", "card": 7, "at": "yesterday", "amount": 1.5}])
    with pytest.raises(DataContractError) as refused:
        run(team)
    for fault in (
        "'amount': expected bigint as declared, got double",
        "'card': expected string as declared, got bigint",
        "time 'at'",
        "Source 'disputes': the table lacks 'opened'",
        "Source 'disputes': the table lacks 'reason'",
    ):
        assert fault in str(refused.value)


def test_a_path_that_is_not_there_is_a_fault_of_the_configuration(spark, team):
    with pytest.raises(ConfigurationError, match="Table 'payments': there is nothing at .*/later.parquet. Correct its"):
        run(team, f"tables.payments.path={team.root}/later.parquet")


def test_a_table_that_is_named_nowhere_is_a_fault_unless_it_is_to_be_made(spark, team):
    team.declarations.write_text(team.declarations.read_text().replace('"payments",', '"pay", table="paymants",', 1))
    with pytest.raises(ConfigurationError, match="Table 'paymants': there is nothing at .*/paymants"):
        run(team)
    config = load_config(team.conf)
    (absent,) = check(config, config.project(), simulated=["paymants"])
    assert absent.startswith("Table 'paymants'")


TEXT = """
texts = Source("texts", event_time="at")


@feature_set(source=texts, entity="card")
def spoken(texts):
    return texts.select("card", "amount", country="merchant.country", late="hour(amount)")


spoken.features(sum("amount").over(days(1)), count(where="country = 'GB'").over(days(1)))
spoken.features(count(where="late").over(days(1)))
spoken_features = FeatureTable("spoken", Spine(payments, as_of="at", known=["card"]), [spoken])
"""


def test_a_text_under_sum_and_expressions_that_do_not_fit_are_told(spark, team):
    rows = [{"card": "a", "at": datetime(2024, 1, 1, tzinfo=UTC), "amount": "12.50", "merchant": {"country": "GB"}}]
    pq.write_table(pa.Table.from_pylist(rows), team.root / "texts.parquet")
    place = (f"tables.texts.path={team.root}/texts.parquet", "tables.texts.format=parquet")
    team.declarations.write_text(team.declarations.read_text() + TEXT)
    with pytest.raises(DataContractError) as refused:
        run(team, *place)
    (fault,) = str(refused.value).splitlines()
    assert fault.startswith(
        "Feature set 'spoken': 'spoken__sum_amount_1d' reads 'amount': expected tinyint or smallint"
    )
    assert fault.endswith("got string.")
    team.declarations.write_text(team.declarations.read_text().replace('sum("amount").over(days(1)), count', "count"))
    with pytest.raises(DataContractError, match="'spoken__count_where_late_1d' reads 'late': expected boolean"):
        run(team, *place)
    team.declarations.write_text(
        team.declarations.read_text().replace('spoken.features(count(where="late").over(days(1)))', "")
    )
    assert run(team, *place) == []  # nested fields work


def test_a_field_that_is_selected_without_a_name_is_told_how(spark, team):
    rows = [{"card": "a", "at": datetime(2024, 1, 1, tzinfo=UTC), "amount": 1, "merchant": {"country": "GB"}}]
    pq.write_table(pa.Table.from_pylist(rows), team.root / "texts.parquet")
    text = TEXT.replace('country="merchant.country", late="hour(amount)"', '"merchant.country"')
    team.declarations.write_text(team.declarations.read_text() + text.split("spoken.features")[0] + "spoken.features("
                                 "count().over(days(1)))\n")  # fmt: skip
    with pytest.raises(DataContractError, match=r"select\(country='merchant.country'\)"):
        run(team, f"tables.texts.path={team.root}/texts.parquet", "tables.texts.format=parquet")


LABELLED = """

from tillthen import Label

disputes = Source("disputes", event_time="came")


@feature_set(source=payments, entity="shop")
def shops(payments):
    return payments.select("shop", "amount")


fraud = Label("fraud", disputes, decision="payment", maturity=days(30))


@feature_set(source=fraud.as_events(payments), entity="card")
def trouble(rows):
    return rows.select("card", "fraud")
"""


@pytest.mark.parametrize(
    ("shop", "dispute", "said"),
    [
        (1, 7, []),
        (1.5, 7, ["Key 'shop': expected an integer, a string or another exact type, got double in source 'payments'"]),
        (1, "7", ["Label 'fraud': decision 'payment': expected one type, got bigint in source 'payments' and string"]),
        (1.5, 7.0, ["Key 'shop'", "got bigint in source 'payments' and double in source 'disputes'"]),
    ],
)
def test_keys_that_cannot_be_compared_exactly_are_refused(spark, team, shop, dispute, said):
    team.declarations.write_text(team.declarations.read_text() + LABELLED)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    team.pay([{"payment": 7, "card": "a", "shop": shop, "at": at, "amount": 5}])
    pq.write_table(pa.Table.from_pylist([{"payment": dispute, "came": at}]), team.root / "disputes.parquet")
    place = f"tables.disputes={{format: parquet, path: {team.root}/disputes.parquet}}"
    if not said:
        assert run(team, place) == []
        return
    with pytest.raises(DataContractError) as refused:
        run(team, place)
    for fault in said:
        assert fault in str(refused.value)


LEARNED = """
from tillthen import Backtest, Costs, Folds, Label, Model
fraud = Label("fraud", Source("payments", event_time="at"), decision="payment", maturity=days(1))
named = FeatureTable("named", Spine(payments, as_of="at", known=["card", "amount"]), row_features=["amount", "card"])
costs = Costs("amount", unit="minor", currency="EUR", margin=0.1)
backtest = Backtest("b", named, fraud, Folds("2024-01-01", train=days(1), test=days(1)), [Model("x")], costs)
"""


def test_a_text_that_no_learner_takes_is_told_before_anything_is_built(spark, team):
    team.declarations.write_text(team.declarations.read_text() + LEARNED)
    with pytest.raises(
        DataContractError, match="feature 'card' of model 'x': expected numbers or booleans, got string"
    ):
        run(team)
    text = team.declarations.read_text()
    team.declarations.write_text(text.replace('"card"])\ncosts', '"card"], categorical=["card"])\ncosts'))
    assert run(team) == []
