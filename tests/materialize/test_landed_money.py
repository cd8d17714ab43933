"""Money that landed late, with its rates and its disputes: nights, a backfill, and what a restatement believes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tillthen.materialize.answers.audit import audit_table
from tillthen.materialize.runs.build import Wanted, build
from tillthen.materialize.runs.restate import restate
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days

DECLARED = """
from tillthen import FeatureTable, Label, Money, Rates, Source, Spine, days, feature_set, hours, lifetime, sum

asks = Source("asks", id="ask", event_time="at")
payments = Source("payments", id="payment", event_time="at", known_time="known",
                  money={"amount": Money(by="currency", unit="major")}CLOCK)
fx = Source("fx", event_time="at", known_time="known"CLOCK)
disputes = Source("disputes", id="dispute", event_time="at", known_time="known"CLOCK)
fraud = Label("fraud", source=disputes, decision="payment", maturity=days(2))


@feature_set(source=Rates(fx, base="EUR", max_age=days(9)).convert(payments), entity="shop")
def euros(payments):
    return payments.select("shop", "amount")


@feature_set(source=fraud.as_events(payments), entity="shop")
def risk(labels):
    return labels.select("shop", "fraud", "amount")


euros.features(sum("amount").over(lifetime).named("eur"))
risk.features(sum("amount", where="fraud").over(lifetime).named("bad"),
              sum("amount", where="NOT fraud").over(lifetime).named("good"))
shops = FeatureTable("shops", spine=Spine(asks, as_of="at", known=["shop"]), feature_sets=[euros, risk])
"""
CLOCK = ', landed_time="landed", landing=hours(6)'
TIMES = [(name, pa.timestamp("us", "UTC")) for name in ("at", "known", "landed")]
SCHEMAS = {
    "asks": pa.schema([("ask", pa.int64()), ("shop", pa.string()), TIMES[0]]),
    "payments": pa.schema([("payment", pa.int64()), ("shop", pa.string()), ("currency", pa.string()),
                           ("amount", pa.float64()), *TIMES]),
    "fx": pa.schema([("currency", pa.string()), ("rate", pa.float64()), *TIMES]),
    "disputes": pa.schema([("dispute", pa.int64()), ("payment", pa.int64()), *TIMES]),
}  # fmt: skip


def at(day, hour=0):
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def clock(hour, known, landed):
    return {"at": at(1, hour), "known": at(1, known), "landed": landed}


def paid(payment, currency, amount, landed):
    return {"payment": payment, "shop": "s", "currency": currency, "amount": amount, **clock(11, 12, landed)}


LATE = at(4, 18)
ROWS = {
    "asks": [{"ask": 100 * day + hour, "shop": "s", "at": at(day, hour)} for day in (1, 2, 4) for hour in (6, 15, 20)],
    "payments": [paid(1, "USD", 10.0, at(1, 13)), paid(2, "JPY", 1000.0, at(2, 3)), paid(3, "USD", 1.0, LATE)],
    "fx": [{"currency": "USD", "rate": 0.5, **clock(0, 0, at(1, 1))},
           {"currency": "USD", "rate": 0.9, **clock(9, 10, LATE)},
           {"currency": "JPY", "rate": 0.01, **clock(0, 0, at(1, 1))}],
    "disputes": [{"dispute": 1, "payment": 1, **clock(13, 14, at(1, 16))},
                 {"dispute": 2, "payment": 3, **clock(13, 14, LATE)}],
}  # fmt: skip
# By ask, in minor units: euro cents of all payments; what is disputed and what is good, each in its own currency.
# Payment 3 and the rate of .9 are known from when they landed, payment 1 and yen at once; payment 2 is good on day 3.
KNOWN = {106: (None, None, None), 115: (1500, 1000, None), 120: (1500, 1000, None),
         206: (1500, 1000, None), 215: (1500, 1000, None), 220: (1500, 1000, None),
         406: (1500, 1000, 1000), 415: (1500, 1000, 1000), 420: (1590, 1100, 1000)}  # fmt: skip
CLAIMED = {ask: (1990, 1100, good) for ask, (_, _, good) in KNOWN.items()} | {106: KNOWN[106]}


def project(root, tables, declared):
    listed = ", ".join(f"{name}: {{path: {tables / name}}}" for name in SCHEMAS)
    conf = f"{{features: [features/shops.py], warehouse: wh, tables: {{{listed}}}}}"
    for name, text in (("features/shops.py", DECLARED.replace("CLOCK", declared)), ("conf/test.yaml", conf)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_config(root / "conf" / "test.yaml")


def values(spark, config):
    rows = spark.read.format("delta").load(f"{config.warehouse}/shops").collect()
    return {row.ask: (row.eur, row.bad, row.good) for row in rows}


def differing(spark, config):
    found = audit_table(spark, config, config.project().table("shops"), rows=9, seed=0)
    assert {one.name for one in found.sets if one.rows and not one.left_out} == {"euros", "risk"}
    return found.differences


def days(config, first, last):
    return build(config, config.project(), wanted=Wanted(Days(date(2024, 1, first), date(2024, 1, last))))


@pytest.fixture(scope="module")
def nightly(spark, tmp_path_factory):
    """A night for each day that is asked of, six hours after its end, and then all that is there."""
    root = tmp_path_factory.mktemp("money")
    config, before = project(root / "nights", root / "tables", CLOCK), at(1)
    for day in (1, 2, 4):
        for name, schema in SCHEMAS.items():
            rows = [row for row in ROWS[name] if before <= row.get("landed", row["at"]) < at(day + 1, 6)]
            write_deltalake(str(root / "tables" / name), pa.Table.from_pylist(rows, schema), mode="append")
        before = at(day + 1, 6)
        days(config, day, day)
    return root, config


def test_nights_are_a_backfill_and_take_amounts_and_rates_from_when_they_are_known(spark, nightly):
    root, config = nightly
    assert values(spark, config) == KNOWN
    later = project(root / "backfill", root / "tables", CLOCK)
    days(later, 1, 4)
    assert values(spark, later) == KNOWN
    assert differing(spark, later) == []


def test_a_restatement_believes_what_amounts_rates_and_disputes_claim(spark, nightly):
    root, _ = nightly
    believing, config = (project(root / name, root / "tables", text) for name, text in (("all", ""), ("some", CLOCK)))
    for one, known in ((believing, CLAIMED), (config, KNOWN)):
        days(one, 1, 4)
        assert values(spark, one) == known
    assert {one.reason for one in restate(config, config.project())} == {"late data"}
    assert values(spark, config) == CLAIMED
    assert differing(spark, config) == []
    assert restate(config, config.project()) == []
