"""Payments in one currency against slow Python, and through features."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from pyspark.sql import functions as F

from tillthen import Money, Rates, Source, count, days, feature_set, hours, point_in_time, sum
from tillthen.define.faults.errors import DataContractError
from tillthen.pit.audit.rated import audit_rates
from tillthen.pit.spark.converted import converted
from tillthen.pit.spark.source_rows import table_of
from tillthen.runtime.compat import SPARK_4
from tillthen.sources.events.prepared import prepare

START = datetime(2024, 1, 1, tzinfo=UTC)
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}
FX = Source("fx", event_time="from_time", known_time="told", retracted_time="withdrawn", sequence=["number"])
MIXED = {"amount": Money(by="currency", unit="major"), "fee": Money(by="currency", unit="minor")}
PAYMENTS = Source("payments", id="payment", event_time="at", known_time="known", delay=hours(1), money=MIXED)


def slowly(payment, rates, base, max_age):
    """What an amount is worth, by the contract's own words: amount and fee in minor units of ``base``."""
    code, known = payment["currency"], payment["known"] + timedelta(hours=1)
    rate = Decimal(1) if code == base else None
    if rate is None:
        seen = [
            (r["from_time"], r["told"], r["number"], r["rate"]) for r in rates
            if r["currency"] == code and r["rate"] is not None and r["rate"] > 0
            and r["from_time"] <= known and r["told"] <= known
            and (r["withdrawn"] is None or r["withdrawn"] > known) and known - r["from_time"] <= max_age
        ]  # fmt: skip
        if not seen:
            return None, None
        rate = max(seen)[-1]
    major = Decimal(payment["amount"])
    minor = Decimal(payment["fee"]).scaleb(-DIGITS[code])
    return tuple(
        int((value * rate).scaleb(DIGITS[base]).to_integral_value(ROUND_HALF_EVEN)) for value in (major, minor)
    )


def world(seed):
    """Rates that come late, twice, withdrawn, null; payments around the very instants at which they change."""
    draw = random.Random(seed)
    rates = []
    for number in range(60):
        at = START + timedelta(hours=draw.randrange(0, 240))
        told = at + timedelta(hours=draw.choice([0, 0, 1, 30, -2]))
        withdrawn = told + timedelta(hours=draw.randrange(1, 50)) if draw.random() < 0.2 else None
        rate = draw.choice([None, Decimal(0), *[Decimal(draw.randrange(1, 10**9)).scaleb(-draw.randrange(2, 9))] * 6])
        code = draw.choice(["USD", "JPY", "KWD", "CLF"])
        rates.append({"currency": code, "rate": rate, "from_time": at, "told": told, "withdrawn": withdrawn,
                      "number": number})  # fmt: skip
    payments = []
    for i in range(300):
        code = draw.choice([*DIGITS])
        edge = draw.choice([draw.choice(rates)["from_time"], draw.choice(rates)["told"], START])
        known = edge + timedelta(microseconds=draw.choice([-1, 0, 1]), hours=draw.choice([-1, -1, 47, 20]))
        amount = Decimal(draw.randrange(0, 10**7)).scaleb(-DIGITS[code])
        payments.append({"payment": i, "card": f"c{i % 7}", "at": known - timedelta(hours=2), "known": known,
                         "currency": code, "amount": amount, "fee": draw.randrange(0, 5000)})  # fmt: skip
    return payments, rates


def frames(spark, payments, rates, amount="decimal(18,4)"):
    money = [{**row, "amount": float(row["amount"])} for row in payments] if amount == "double" else payments
    return (
        spark.createDataFrame(money, f"payment bigint, card string, at timestamp, known timestamp, currency string, "
                                     f"amount {amount}, fee bigint"),
        spark.createDataFrame(rates, "currency string, rate decimal(20,9), from_time timestamp, told timestamp, "
                                     "withdrawn timestamp, number int"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("base", "amount", "seed"), [("EUR", "decimal(18,4)", 1), ("JPY", "double", 2), ("KWD", "double", 3)]
)
def test_amounts_are_what_slow_python_makes_of_them(spark, base, amount, seed):
    payments, rates = world(seed)
    made = Rates(FX, base=base, max_age=days(2)).convert(PAYMENTS)
    found = converted(*frames(spark, payments, rates, amount), made.made_of)
    got = {row["payment"]: (row["amount"], row["fee"]) for row in found.collect()}
    expected = {row["payment"]: slowly(row, rates, base, timedelta(days=2)) for row in payments}
    assert got == expected
    missing = [id for id, value in expected.items() if value[0] is None]
    assert 0 < len(missing) < len(payments)
    facts = prepare(found, made, ["amount", "card"]).facts
    assert (facts["no_rate"], facts["events"]) == (len(missing), len(payments))


def test_features_sum_the_amounts_as_they_were_converted_once(spark):
    payments, rates = world(4)
    made = Rates(FX, base="EUR", max_age=days(2)).convert(PAYMENTS)

    @feature_set(source=made, entity="card")
    def spent(rows):
        return rows.select("card", "amount")

    spent.features(sum("amount").over(days(30)), count("amount").over(days(30)))
    as_of = START + timedelta(days=20)
    spine = spark.createDataFrame([(f"c{i}", as_of) for i in range(7)], "card string, as_of timestamp")
    first, second = frames(spark, payments, rates)
    found = point_in_time(spine, [spent], sources={"payments": first, "fx": second}).collect()
    worth = {row["payment"]: slowly(row, rates, "EUR", timedelta(days=2))[0] for row in payments}
    for row in found:
        own = [worth[p["payment"]] for p in payments if p["card"] == row["card"] and worth[p["payment"]] is not None]
        assert (row["spent__sum_amount_30d"], row["spent__count_amount_30d"]) == (math.fsum(own), len(own))


@pytest.mark.parametrize(
    ("values", "type", "money", "minor"),
    [
        ([44.16, 0.29, None], "double", Money("USD", unit="major"), [4416, 29, None]),
        ([Decimal("44.16"), Decimal("0.2900")], "decimal(12,4)", Money("USD", unit="major"), [4416, 29]),
        ([44, 7], "int", Money("KWD", unit="major"), [44000, 7000]),
        ([7472.0], "float", Money("JPY", unit="major"), [7472]),
        ([4416, 2**53], "bigint", Money("USD", unit="minor"), [4416, 2**53]),
    ],
)
def test_money_is_read_as_whole_minor_units(spark, values, type, money, minor):
    source = Source("payments", id="payment", event_time="at", money={"amount": money})
    frame = spark.createDataFrame([(i, START, value) for i, value in enumerate(values)],
                                  f"payment int, at timestamp, amount {type}")  # fmt: skip
    found = prepare(table_of(spark, source, {"payments": frame}), source, ["amount"]).frame
    assert found.schema["amount"].dataType.simpleString() == "bigint"
    assert [row["amount"] for row in found.orderBy("payment").collect()] == minor


@pytest.mark.parametrize(
    ("values", "type", "code", "fault"),
    [
        ([44.16, 44.165, 0.333], "double", "USD", "money 'amount' in 2 rows: expected whole minor units of a currency"),
        ([Decimal("1.2345")], "decimal(12,4)", "KWD", "for example 1.2345 KWD"),
        ([1.5], "double", "JPY", "for example 1.5 JPY"),
        ([1.0], "double", "YEN", "for example 1.0 YEN"),
        ([1.0], "double", None, "in 1 rows"),
        ([float("nan")], "double", "EUR", "in 1 rows"),
        (["44.16"], "string", "EUR", "expected a decimal, a double or an integer, got string"),
    ],
)
def test_what_is_no_whole_minor_unit_is_refused_with_its_count_and_examples(spark, values, type, code, fault):
    source = Source("payments", id="payment", event_time="at", money={"amount": Money(by="currency", unit="major")})
    frame = spark.createDataFrame([(i, START, value, code) for i, value in enumerate(values)],
                                  f"payment int, at timestamp, amount {type}, currency string")  # fmt: skip
    with pytest.raises(DataContractError, match=fault):
        prepare(frame, source, ["amount"])


@pytest.mark.skipif(not SPARK_4, reason="the audit reads Arrow tables, which Spark 3.5 does not give")
def test_the_audit_looks_rates_up_by_itself(spark):
    payments, rates = world(5)
    made = Rates(FX, base="EUR", max_age=days(2)).convert(PAYMENTS)
    first, second = frames(spark, payments, rates, "double")
    found = converted(first, second, made.made_of)
    assert audit_rates(found, first, second, made.made_of) == []
    wrong = found.withColumn(
        "amount", F.when(F.col("payment") % 2 == 0, F.col("amount") + 1).otherwise(F.col("amount"))
    )
    told = audit_rates(wrong, first, second, made.made_of)
    assert told
    assert {(one.check, one.feature) for one in told} == {("converted", "amount")}
    assert all(int(one.id) % 2 == 0 for one in told)
