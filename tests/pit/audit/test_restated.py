"""Label events as Spark makes them, against the oracle's own statement of them, on random decisions and outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pyspark.sql import functions as F

from tillthen import Label, Source, count, days, feature_set, hours, rate
from tillthen.pit.audit.evidence import NUMBER, rows_of_keys
from tillthen.pit.audit.restated import evidence_of
from tillthen.pit.oracle.labels import learned
from tillthen.pit.oracle.lives import Event, events_of
from tillthen.pit.oracle.plain import ID, plain_set
from tillthen.runtime.compat import SPARK_4
from tillthen.sources.events import labelled
from tillthen.sources.events.labelled import label_events

pytestmark = pytest.mark.skipif(not SPARK_4, reason="the audit reads Arrow tables, which Spark 3.5 does not give")
START = datetime(2024, 1, 1, tzinfo=UTC)
DECISIONS = 120
PAYMENTS = Source("payments", id="id", event_time="at", known_time="seen")
DISPUTES = Source("disputes", event_time="came", known_time="came", retracted_time="won")
CORRECTED = Source("disputes", id="dispute", event_time="came", known_time="came", versions=True, deleted="dropped",
                   sequence=["revision"])  # fmt: skip
LANDING = {"landed_time": "landed", "landing": hours(6)}
CASES = {
    "plain": (PAYMENTS, DISPUTES, "unknown"),
    "withdrawn": (replace(PAYMENTS, retracted_time="gone"), DISPUTES, "good"),
    "landed": (replace(PAYMENTS, retracted_time="gone", **LANDING), replace(DISPUTES, **LANDING), "unknown"),
    "corrected": (replace(PAYMENTS, delay=hours(7)), replace(CORRECTED, landed_time="landed"), "unknown"),
}


def moment(random, least, most, null=0.1):
    """Of few instants, so that many are equal."""
    return None if random.random() < null else START + timedelta(hours=6 * random.randint(4 * least, 4 * most))


def business(spark, random):
    """Payments of three shops, one in ten at no known time, and disputes of them, in up to three revisions each."""
    paid = [(id, random.choice("abc"), moment(random, 0, 4), moment(random, 0, 9), moment(random, 2, 12, 0.7),
             moment(random, 0, 12)) for id in range(DECISIONS)]  # fmt: skip
    told = [(n, revision, random.randrange(DECISIONS), moment(random, 0, 12), moment(random, 0, 14, 0.6),
             random.choice([True, True, False, None]), random.random() < 0.2, moment(random, 0, 14))
            for n in range(DECISIONS) for revision in range(random.choice([1, 1, 3]))]  # fmt: skip
    payments = "id int, shop string, at timestamp, seen timestamp, gone timestamp, landed timestamp"
    disputes = ("dispute int, revision int, payment bigint, came timestamp, won timestamp, fraud boolean, "
                "dropped boolean, landed timestamp")  # fmt: skip
    return {"payments": spark.createDataFrame(paid, payments), "disputes": spark.createDataFrame(told, disputes)}


def a_set(decisions, outcomes, immature):
    label = Label("fraud", source=outcomes, decision="payment", positive="fraud", maturity=days(5))

    @feature_set(source=label.as_events(decisions, immature=immature), entity="shop")
    def risk(labels):
        return labels.select("shop", "fraud", bad="CASE WHEN fraud THEN id END")

    return risk.features(rate("fraud").over(days(3)), count("bad", where="fraud IS NULL").over(days(3)))


def lives(group, rows):
    """When each decision is known as what."""
    events = events_of(plain_set(group).source, rows)
    return sorted((one.row[ID], one.known, str(one.until), str(one.row["fraud"]), str(one.row["bad"]), one.row["shop"])
                  for one in events)  # fmt: skip


def both(spark, tables, group):
    """What Spark's label events hold about two of the shops, and what the oracle says of them."""
    keys = spark.createDataFrame([("a", 0), ("b", 1)], f"shop string, `{NUMBER}` bigint")
    made = label_events(tables["payments"], tables["disputes"], group.source)
    evidence = evidence_of(rows_of_keys(made, group, keys), group, {**tables, group.source.name: made}, keys)
    theirs = rows_of_keys(made, replace(group, source=replace(group.source, made_of=None)), keys)
    engine = evidence_of(theirs, replace(group, source=replace(group.source, made_of=None)), {}, keys)
    return engine.rows, evidence.rows


@pytest.mark.parametrize("case", CASES)
def test_the_oracle_says_of_labels_what_spark_makes_of_them(spark, case):
    group = a_set(*CASES[case])
    engine, oracle = both(spark, business(spark, Random(case)), group)
    assert sorted(engine) == sorted(oracle) == [0, 1]
    for number in (0, 1):
        known = lives(group, oracle[number])
        assert lives(group, engine[number]) == known
        assert {state for *_, state, _, _ in known} == {"True", "False", "None"}


def test_the_oracle_does_not_take_sparks_word_for_it(spark, monkeypatch):
    """Without the rule that nothing is known before the decision is, they differ."""
    points = F.array_distinct(F.array(labelled.KNOWN_FROM, labelled.MATURE))
    monkeypatch.setattr(labelled, "_points", lambda: points)
    group = a_set(*CASES["plain"])
    engine, oracle = both(spark, business(spark, Random(1)), group)
    assert lives(group, engine[0]) != lives(group, oracle[0])


@pytest.mark.parametrize(
    ("decision", "outcomes", "lost", "known"),
    [
        ((0, 20, None), [(5, None)], False, [(20, True)]),
        ((0, 1, None), [(5, 8)], False, [(1, None), (5, True), (8, False), (10, False)]),
        ((0, 1, 7), [(5, 8)], False, [(1, None), (5, True)]),
        ((0, 1, None), [(5, 8)], True, [(1, None), (5, True), (8, None), (10, None)]),
        ((0, 1, None), [], False, [(1, None), (10, False)]),
    ],
)
def test_what_is_learned_of_a_decision(decision, outcomes, lost, known):
    maturity = Label("fraud", DISPUTES, "payment", days(1)).maturity
    label = Label("fraud", DISPUTES, "payment", replace(maturity, micros=10, text=""))
    made = label.as_events(PAYMENTS).made_of
    events = [Event({}, since, since, until) for since, until in outcomes]
    assert learned(Event({}, *decision), events, lost, made) == known
