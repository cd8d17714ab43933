"""What landed late, in nights and in a backfill: payments, disputes, and labels made of both."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyspark.sql import functions as F

from tillthen import cli
from tillthen.materialize.answers.audit import audit_table
from tillthen.materialize.runs.build import Wanted, build
from tillthen.materialize.runs.restate import restate
from tillthen.runtime.config import load_config
from tillthen.sources.events import labelled
from tillthen.tables.days import Days

DECLARED = """
from tillthen import FeatureTable, Label, Source, Spine, count, days, feature_set, hours, lifetime

asks = Source("asks", id="ask", event_time="at")
payments = Source("payments", id="payment", event_time="at", known_time="known"CLOCK)
disputes = Source("disputes", id="dispute", event_time="at", known_time="known", retracted_time="won"CLOCK)
fraud = Label("fraud", source=disputes, decision="payment", maturity=days(2))


@feature_set(source=payments, entity="shop")
def sales(payments):
    return payments.select("shop")


@feature_set(source=disputes, entity="shop")
def trouble(disputes):
    return disputes.select("shop")


@feature_set(source=fraud.as_events(payments), entity="shop")
def risk(labels):
    return labels.select("shop", "fraud")


sales.features(count().over(lifetime).named("paid"))
trouble.features(count().over(lifetime).named("disputed"))
risk.features(count(where="fraud").over(lifetime).named("bad"), count(where="NOT fraud").over(lifetime).named("good"))

shops = FeatureTable("shops", spine=Spine(asks, as_of="at", known=["shop"]), feature_sets=[sales, trouble, risk])
"""
TIME = pa.timestamp("us", "UTC")
SCHEMAS = {
    "asks": pa.schema([("ask", pa.int64()), ("shop", pa.string()), ("at", TIME)]),
    "payments": pa.schema([("payment", pa.int64()), ("shop", pa.string()),
                           *((name, TIME) for name in ("at", "known", "landed"))]),
    "disputes": pa.schema([("dispute", pa.int64()), ("payment", pa.int64()), ("shop", pa.string()),
                           *((name, TIME) for name in ("at", "known", "won", "landed"))]),
}  # fmt: skip
FEATURES = ("sales", "trouble", "risk")
GRACE = ', landed_time="landed", landing=hours(6)'
WITHOUT = ', landed_time="landed"'


def at(day, hour=0):
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def paid(payment, landed):
    return {"payment": payment, "shop": "s", "at": at(1, 11), "known": at(1, 12), "landed": landed}


def disputed(dispute, landed, won=None):
    return {"dispute": dispute, "payment": dispute, "shop": "s", "at": at(1, 13), "known": at(1, 14), "landed": landed,
            "won": won}  # fmt: skip


ROWS = {
    "asks": [{"ask": 10 * day + hour, "shop": "s", "at": at(day, hour)} for day in (1, 2, 4) for hour in (6, 15, 20)],
    # On the same day, within six hours, after them.
    "payments": [paid(1, at(1, 13)), paid(2, at(2, 3)), paid(3, at(4, 18))],
    "disputes": [disputed(1, at(1, 16)), disputed(2, at(4, 18)), disputed(3, at(2, 3), won=at(4, 7))],
}
# By ask: payments, disputes, decisions that are bad, decisions that are good.
KNOWN = {
    GRACE: {16: (0, 0, 0, 0), 25: (2, 2, 1, 0), 30: (2, 2, 1, 0),
            26: (2, 2, 1, 0), 35: (2, 2, 1, 0), 40: (2, 2, 1, 0),
            46: (2, 2, 1, 1), 55: (2, 1, 1, 1), 60: (3, 2, 2, 1)},
    WITHOUT: {16: (0, 0, 0, 0), 25: (1, 0, 0, 0), 30: (1, 1, 1, 0),
              26: (2, 2, 1, 0), 35: (2, 2, 1, 0), 40: (2, 2, 1, 0),
              46: (2, 2, 1, 1), 55: (2, 1, 1, 1), 60: (3, 2, 2, 1)},
}  # fmt: skip


def project(root, tables, clock):
    """A project on tables in a folder."""
    listed = ", ".join(f"{name}: {{path: {tables / name}}}" for name in SCHEMAS)
    conf = f"{{features: [features/shops.py], warehouse: wh, lease_seconds: 2, tables: {{{listed}}}}}"
    for name, text in (("features/shops.py", DECLARED.replace("CLOCK", clock)), ("conf/test.yaml", conf)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_config(root / "conf" / "test.yaml")


def land(tables, after, until):
    """Append the rows that landed in a span of time, asks when they were asked."""
    for name, schema in SCHEMAS.items():
        rows = [row for row in ROWS[name] if after <= row.get("landed", row["at"]) < until]
        write_deltalake(str(tables / name), pa.Table.from_pylist(rows, schema), mode="append")


def values(spark, config):
    rows = spark.read.format("delta").load(f"{config.warehouse}/shops").collect()
    return {row.ask: (row.paid, row.disputed, row.bad, row.good) for row in rows}


def whole(config, last=4):
    return build(config, config.project(), wanted=Wanted(Days(date(2024, 1, 1), date(2024, 1, last)), again=True))


@pytest.fixture(scope="module", params=[GRACE, WITHOUT], ids=["landing", "without"])
def nightly(request, spark, tmp_path_factory):
    """A night for each day that is asked of, six hours after its end, and then all that is there."""
    root = tmp_path_factory.mktemp("landed")
    config, before = project(root / "nights", root / "tables", request.param), at(1)
    for day in (1, 2, 4):
        until = at(day + 1, 6)
        land(root / "tables", before, until)
        build(config, config.project(), wanted=Wanted(Days(date(2024, 1, day), date(2024, 1, day))))
        before = until
    return root, config, request.param


def test_nights_are_a_backfill_and_see_each_row_from_when_it_is_known(spark, nightly):
    root, config, clock = nightly
    assert values(spark, config) == KNOWN[clock]
    later = project(root / "backfill", root / "tables", clock)
    whole(later)
    assert values(spark, later) == KNOWN[clock]
    assert audited(spark, later) == set()


def test_an_explained_label_tells_since_when_it_counts(spark, nightly, capsys):
    _, config, _ = nightly
    conf = str(config.root / "conf" / "test.yaml")
    assert cli.main(["explain", "--conf", conf, "good", "--key", "s", "--at", "2024-01-04T17:00:00Z"]) == 0
    said = capsys.readouterr().out
    assert "and never before the decision itself (known <= as_of, and landed <= as_of" in said
    assert "event 3 (at 2024-01-01T11:00:00Z, known 2024-01-04T18:00:00Z): known later" in said


def test_what_a_restatement_believes_are_labels_too(spark, nightly):
    root, _, clock = nightly
    believing, config = (project(root / name, root / "tables", text) for name, text in (("all", ""), ("some", clock)))
    whole(believing)
    whole(config)
    assert {one.reason for one in restate(config, config.project())} == {"late data"}
    assert values(spark, config) == values(spark, believing) != KNOWN[clock]
    assert values(spark, config)[25] == (3, 3, 3, 0)
    assert audited(spark, config) == set()
    assert restate(config, config.project()) == []


def test_the_audit_finds_label_events_of_decisions_that_are_not_known(spark, nightly, monkeypatch):
    root, _, clock = nightly
    config = project(root / "wrong", root / "tables", clock)
    learned = F.array_distinct(F.array(labelled.KNOWN_FROM, labelled.MATURE))
    monkeypatch.setattr(labelled, "_points", lambda: learned)
    whole(config)
    assert "good" in audited(spark, config)
    assert audited(spark, config) <= {"bad", "good"}


def audited(spark, config):
    """The features whose values are not the contract's."""
    found = audit_table(spark, config, config.project().table("shops"), rows=9, seed=0)
    assert {one.name for one in found.sets if one.rows and not one.left_out} == set(FEATURES)
    return {one.feature for one in found.differences}
