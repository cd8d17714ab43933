"""The audit of built tables: clean ones pass; a wrong value names feature, row and event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from tests.conftest import team_folder
from tillthen import cli
from tillthen.backtest.audits.job import audit
from tillthen.materialize.runs.build import build
from tillthen.pit.audit import perturbed
from tillthen.pit.spark import own_events as own
from tillthen.runtime.config import load_config
from tillthen.sources.events import prepared as events
from tillthen.sources.events.clock import EVENT_TIME, KNOWN_FROM, with_clock
from tillthen.tables.commit import PARTITION, latest_version
from tillthen.tables.write import overwrite

DECLARATIONS = """
from tillthen import (
    FeatureTable, Source, Spine, count, days, feature_set, hours, last, latest, leak, lifetime, stddev, sum,
)

payments = Source("payments", id="payment", event_time="at", columns={"card": "string", "amount": "bigint"})
answers = Source("answers", table="payments", id="payment", event_time="at", known_time="answered",
                 retracted_time="gone")
limits = Source("limits", id="id", event_time="day", known_time="loaded", versions=True, deleted="closed",
                timezone="Europe/Paris", sequence="n")


@feature_set(source=payments, entity="card", closed="right", exclude_self=True, within_tie="payment")
def spending(payments):
    return payments.select("card", "payment", "amount", share="100 / amount")


@feature_set(source=answers, entity="card")
def declines(answers):
    return answers.where("amount > 0").select("card", amount="100 / amount", no="answer = 'no'")


@feature_set(source=limits, entity="card")
def lines(limits):
    return limits.select("card", "amount", at="day")


spending.features(sum("amount").over(days(1), lifetime), stddev("share").over(latest(3)), last("payment").over(days(9)))
declines.features(count(where="no").over(hours(24), offset=hours(1)), sum("amount").over(days(2)).fill(0.0))
lines.features(last("amount").over(lifetime), last("at").over(days(30)))

cards = FeatureTable("cards", Spine(payments, as_of="at", known=["card", "amount"]), [spending, declines, lines])
"""


def at(day, hour=0):
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def paid(payment, card, when, amount, answered=None, answer="no", gone=None):
    answered = when if answered is None else answered
    return {"payment": payment, "card": card, "at": when, "amount": amount, "answered": answered, "answer": answer,
            "gone": gone}  # fmt: skip


PAYMENTS = [
    paid(1, "a", at(1), 50),
    paid(2, "a", at(2, 1), 150, answered=at(4)),
    paid(3, "b", at(2), 7),
    paid(4, "a", at(3), 20),
    paid(5, "a", at(3), 30, gone=at(3, 6)),
    paid(6, None, at(3), 30),
    paid(7, "a", at(3, 12), 10, answer=None),
]
LIMITS = [
    {"id": 1, "n": 1, "card": "a", "day": datetime(2024, 1, 1), "loaded": at(2), "amount": 9, "closed": False},
    {"id": 1, "n": 2, "card": "b", "day": datetime(2024, 1, 1), "loaded": at(3, 6), "amount": 8, "closed": False},
    {"id": 2, "n": 1, "card": "a", "day": datetime(2024, 1, 2), "loaded": at(9), "amount": 7, "closed": None},
]


def write_shop(spark, team):
    """A project with ties, its own events, late, retracted and corrected rows."""
    team.declarations.write_text(DECLARATIONS)
    team.pay(PAYMENTS)
    types = "id int, n int, card string, day timestamp_ntz, loaded timestamp, amount int, closed boolean"
    limits = spark.createDataFrame([tuple(row.values()) for row in LIMITS], types)
    limits.withColumn("loaded", F.to_timestamp_ntz("loaded")).write.format("delta").save(str(team.root / "wh/limits"))


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory):
    """Built once."""
    team = team_folder(tmp_path_factory.mktemp("shop"))
    write_shop(spark, team)
    built(team)
    return team


def built(team):
    config = load_config(team.conf)
    return build(config, config.project())[0]


def audited(team, rows=50):
    config = load_config(team.conf)
    path, found = audit(config, config.project(), [], rows, 0)
    return json.loads(path.read_text()), found


def run(team, *arguments, code):
    assert cli.main(["audit", "--conf", str(team.conf), *arguments]) == code


def test_a_clean_table_passes(shop, capsys):
    run(shop, "cards", code=0)
    said = capsys.readouterr().out.splitlines()
    assert said[1].split() == ["cards", "spending", "7", "0", "56", said[1].split()[5], "0"]
    facts = json.loads(Path(said[-1]).read_text())
    (table,) = facts["tables"]
    sets = {one["name"]: one for one in table["sets"]}
    assert {name: (one["rows"], one["values"], one["later"]) for name, one in sets.items()} == {
        "spending": (7, 28, 28), "declines": (7, 14, 14), "lines": (7, 14, 14),
    }  # fmt: skip
    assert all(one["moved"] > 0 and one["differences"] == [] for one in sets.values())
    assert table["lags"]["answers"]["at_once"] == 6 / 7


def test_the_same_seed_takes_the_same_rows(shop):
    first, again = audited(shop, rows=3)[0], audited(shop, rows=3)[0]
    assert {**first, "run_id": "", "sequence": 0} == {**again, "run_id": "", "sequence": 0}
    assert first["tables"][0]["sets"][0]["rows"] == 3


def test_a_changed_cell_fails_with_feature_row_and_event(spark, team, capsys):
    table = built(team)
    frame = spark.read.format("delta").load(table.path)
    count = F.when(F.col("payment") == 2, F.lit(0)).otherwise(F.col("spending__count_7d"))
    changed = frame.withColumn("spending__count_7d", count.cast("bigint")).localCheckpoint()
    overwrite(changed, table.path, latest_version(spark, table.path).commit, partition=PARTITION, properties={},
              comments={})  # fmt: skip
    run(team, code=4)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "cards: 'spending__count_7d' of row 2 (card a, as of 2024-01-02T01:00:00Z): expected 1, stored 0. event 1 (at "
        "2024-01-01T23:00:00Z, known 2024-01-01T23:00:00Z) counts: not seen, it gives the stored value."
    )
    kept = json.loads((team.root / "wh" / "status.json").read_text())
    assert (kept["command"], kept["exit_code"]) == ("audit", 4)


def test_a_build_that_ignores_the_known_time_fails_with_the_event_that_was_late(spark, team, monkeypatch):
    write_shop(spark, team)

    def at_once(frame, source):
        return with_clock(frame, source).withColumn(KNOWN_FROM, F.col(EVENT_TIME))

    with monkeypatch.context() as broken:
        broken.setattr(events, "with_clock", at_once)
        broken.setattr(own, "with_clock", at_once)
        built(team)
    (found,) = audited(team)[1]
    late = [one for one in found.differences if one.feature == "declines__count_where_no_24h_offset_1h"]
    assert [(one.check, one.id, one.key, one.value, one.expected) for one in sorted(late, key=lambda one: one.id)] == [
        ("stored", "4", {"card": "a"}, "1", "0"), ("stored", "5", {"card": "a"}, "1", "0"),
    ]  # fmt: skip
    event = (
        "event 2 (at 2024-01-02T01:00:00Z, known 2024-01-04T00:00:00Z), known later: seen, it gives the stored value"
    )
    assert {one.event for one in late} == {event}


def test_later_rows_that_change_a_value_are_found(shop, monkeypatch):
    monkeypatch.setattr(perturbed, "FAR", "2024-01-01")
    (found,) = audited(shop)[1]
    assert {one.check for one in found.differences} >= {"with later rows"}


def test_an_engine_that_is_a_microsecond_off_is_found_at_moved_times(shop, monkeypatch):
    compute = perturbed.compute

    def off(spine, sets, sources, as_of):
        moved = F.timestamp_micros(F.unix_micros(as_of) + 1)
        return compute(spine.withColumn(as_of, moved), sets, sources, as_of=as_of)

    monkeypatch.setattr(perturbed, "compute", off)
    (found,) = audited(shop)[1]
    assert {one.check for one in found.differences} >= {"moved"}


def test_a_key_with_too_many_events_is_left_out_and_counted(spark, team, monkeypatch):
    built(team)
    monkeypatch.setattr("tillthen.pit.audit.sample.EVENTS_A_KEY", 1)
    (found,) = audited(team)[1]
    assert [(one.rows, one.left_out) for one in found.sets] == [(1, 2)]


def test_a_leak_can_be_built_but_fails_the_audit_by_name(spark, team, capsys):
    text = team.declarations.read_text().replace("FeatureTable,", "FeatureTable, leak,", 1)
    team.declarations.write_text(text.replace("count().over(days(7))", "count().over(days(7), leak(days(7)))"))
    table = built(team)
    rows = spark.read.format("delta").load(table.path).orderBy("payment").collect()
    assert [row["spending__count_LEAK_7d"] for row in rows] == [2, 1, 1]
    run(team, code=4)
    assert "cards: 'spending__count_LEAK_7d' looks ahead: it is declared with leak(...)." in capsys.readouterr().err


def test_sources_that_cannot_be_read_again_are_refused(spark, team, capsys):
    run(team, code=3)
    built(team)
    team.pay([])
    run(team, code=4)
    assert "Table 'payments' at" in capsys.readouterr().err


ASIDE = """
from tillthen import expect
payments = Source(
    "payments", id="payment", event_time="at", known_time="known", columns={"card": "string", "amount": "bigint"},
    expect=[expect.not_null(name, otherwise="quarantine", at_most=0.5)
            for name in ("payment", "card", "amount", "at", "known")],
)
"""


def test_rows_that_gates_set_aside_are_out_of_every_question(spark, team, capsys):
    """The audit and `explain` restate sources under other names: what is expected of them has been judged by then."""
    rows = [(1, at(1), 50), (2, at(2), 150), (3, at(3), 7), (9, at(2), None)]
    team.pay([{"payment": id, "card": "a", "at": when, "known": when, "amount": amount} for id, when, amount in rows])
    text = team.declarations.read_text()
    first, last = text.index("payments = Source"), text.index("@feature_set")
    team.declarations.write_text(text[:first] + ASIDE + "\n\n" + text[last:])
    built(team)
    run(team, code=0)
    key = ["--key", "a", "--at", "2024-01-05T00:00:00Z"]
    assert cli.main(["explain", "spending__count_7d", "--conf", str(team.conf), *key]) == 0
    told = capsys.readouterr().out
    assert "event 3 (" in told
    assert "event 9 (" not in told
