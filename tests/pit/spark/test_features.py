"""A spine travels to the workers or waits for them: its features are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from chispa import assert_df_equality

import tillthen
from tillthen import Source, count, days, feature_set, last, lifetime
from tillthen import sum as total
from tillthen.pit.spark import features
from tillthen.runtime.compat import WAITS_IN_JAVA

pytestmark = pytest.mark.skipif(not WAITS_IN_JAVA, reason="On Spark 3.5 every spine travels")

SCHEMA = "id int, card bigint, shop smallint, at timestamp, day date, fee decimal(9,2), good boolean, amount double"
PAYMENTS = Source("payments", event_time="at")
RATES = Source("rates", event_time="at")


@feature_set(source=PAYMENTS, entity="card")
def cards(payments):
    return payments.select("card", "amount", "fee")


cards.features(count().over(days(2), lifetime), total("fee").over(days(1)), last("amount").over(lifetime))


@feature_set(source=RATES, entity="shop")
def shops(rates):
    return rates.select("shop", "good", "day")


shops.features(count(where="good").over(days(3)), last("day").over(lifetime))


@pytest.fixture
def payments(spark):
    random = Random(1)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        (id, random.choice([1, 2, 2**40, None]), random.randint(0, 2), at + timedelta(hours=random.randint(0, 99)),
         random.choice([None, date(2024, 1, 1 + id % 9)]), Decimal(id) / 100, random.choice([None, True, False]),
         random.choice([None, 1.5, 0.1]))
        for id in range(90)
    ]  # fmt: skip
    return spark.createDataFrame(rows, SCHEMA)


def plan(frame):
    return frame._jdf.queryExecution().optimizedPlan().toString()


@pytest.mark.parametrize("own", [True, False])
def test_both_ways_give_the_same(spark, monkeypatch, payments, own):
    sources = {"payments": payments if own else spark.createDataFrame(payments.collect(), SCHEMA), "rates": payments}
    found = []
    for carried in (0, 100):
        monkeypatch.setattr(features, "CARRIED", carried)
        found.append(tillthen.point_in_time(payments, [cards, shops], sources=sources, as_of="at", partitions=2))
        assert ("MapInArrow" in plan(found[-1])) == bool(carried)
    assert found[0].columns == [*payments.columns, *cards.feature_names, *shops.feature_names]
    assert_df_equality(*found, ignore_row_order=True)


def test_text_and_many_columns_wait(payments):
    def travels(spine):
        done = tillthen.point_in_time(spine, [cards], sources={"payments": payments}, as_of="at")
        return "MapInArrow" in plan(done)

    assert travels(payments.select("card", "at", "amount"))
    assert not travels(payments.selectExpr("card", "at", "cast(id AS string) AS id"))
    assert not travels(payments.selectExpr("*", "id AS other"))


@pytest.mark.parametrize("travels", [True, False])
def test_the_first_rows_have_what_all_would_have(spark, travels):
    at = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [(i if travels else str(i), 1, at + timedelta(hours=40 - i)) for i in range(40)]
    spine = spark.createDataFrame(rows, f"id {'int' if travels else 'string'}, card bigint, at timestamp")

    @feature_set(source=PAYMENTS, entity="card")
    def seen(payments):
        return payments.select("card")

    seen.features(count().over(lifetime))
    done = tillthen.point_in_time(spine, [seen], sources={"payments": spine}, as_of="at")
    assert ("MapInArrow" in plan(done)) == travels
    for first in (done.take(3), done.limit(3).collect(), done.limit(3).repartition(2).collect()):
        assert all(row["seen__count_lifetime"] == 39 - int(row["id"]) for row in first)
