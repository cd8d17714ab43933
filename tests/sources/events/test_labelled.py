"""Labels as events: what was known of a decision at any time, as versions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

import tillthen
from tillthen import Label, Source, count, days, feature_set, hours, lifetime, rate
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.learn.labels import STATE, as_known
from tillthen.sources.events.labelled import label_events
from tillthen.sources.events.outcomes import outcomes
from tillthen.sources.events.prepared import prepare

START = datetime(2024, 1, 1, tzinfo=UTC)
PAYMENTS = Source("payments", id="id", event_time="at", known_time="seen")
DISPUTES = Source("disputes", event_time="came", known_time="came", retracted_time="won")
FRAUD = Label("fraud", source=DISPUTES, decision="payment", positive="fraud", maturity=days(10))


def day(n):
    return None if n is None else START + timedelta(days=n)


def payments(spark, rows):
    schema = "id int, shop string, at timestamp, seen timestamp"
    return spark.createDataFrame([(id, shop, day(at), day(seen)) for id, shop, at, seen in rows], schema)


def disputes(spark, rows):
    schema = "payment int, came timestamp, won timestamp, fraud boolean"
    return spark.createDataFrame([(id, day(came), day(won), bad) for id, came, won, bad in rows], schema)


def versions(spark, paid, disputed, **options):
    source = FRAUD.as_events(PAYMENTS, **options)
    frame = label_events(payments(spark, paid), disputes(spark, disputed), source)
    rows = [
        (row["id"], (row["fraud_known_at"].replace(tzinfo=UTC) - START).days, row["fraud"]) for row in frame.collect()
    ]
    return sorted(rows, key=lambda row: row[:2])


def test_unknown_then_bad_from_its_arrival_or_good_from_maturity(spark):
    paid = [(1, "a", 0, 0), (2, "a", 0, 1)]
    assert versions(spark, paid, [(1, 5, None, True)]) == [
        (1, 0, None), (1, 5, True), (1, 10, True), (2, 1, None), (2, 10, False),
    ]  # fmt: skip


def test_a_won_dispute_makes_it_good_at_once_and_a_second_one_bad_again(spark):
    disputed = [(1, 3, 6, True), (1, 8, None, True)]
    assert versions(spark, [(1, "a", 0, 0)], disputed) == [
        (1, 0, None),
        (1, 3, True),
        (1, 6, False),
        (1, 8, True),
        (1, 10, True),
    ]


def test_an_outcome_of_unknown_arrival_is_never_good_and_another_reason_is_no_fraud(spark):
    disputed = [(1, None, None, True), (2, 3, None, False)]
    known = versions(spark, [(1, "a", 0, 0), (2, "a", 0, 0)], disputed)
    assert known == [(1, 0, None), (1, 10, None), (2, 0, None), (2, 10, False)]


KNOWN_LATE = [(1, "a", 0, 20)]


@pytest.mark.parametrize(
    ("disputed", "known"),
    [
        ([], [(1, 20, False)]),
        ([(1, 5, None, True)], [(1, 20, True)]),
        ([(1, 15, None, True)], [(1, 20, True)]),
        ([(1, 5, 8, True)], [(1, 20, False)]),
        ([(1, 5, 25, True)], [(1, 20, True), (1, 25, False)]),
        ([(1, 20, None, True)], [(1, 20, True)]),
        ([(1, None, None, True), (1, 5, 25, True)], [(1, 20, True), (1, 25, None)]),
    ],
)
def test_nothing_is_known_of_a_decision_before_it_is_known_itself(spark, disputed, known):
    assert versions(spark, KNOWN_LATE, disputed) == known


def test_of_a_decision_of_unknown_arrival_nothing_is_known_and_it_is_counted(spark):
    paid = [(1, "a", 0, None), (2, "a", None, 0), (3, "a", 0, 0)]
    source = FRAUD.as_events(PAYMENTS)
    made = label_events(payments(spark, paid), disputes(spark, [(1, 5, None, True)]), source)
    found = prepare(made, source, ["shop", "fraud"])
    assert {row["id"] for row in found.frame.collect()} == {3}
    assert (found.facts["null_known_time"], found.facts["null_event_time"]) == (1, 1)


def test_two_rows_of_one_decision_with_other_clocks_are_no_versions(spark):
    with pytest.raises(DataContractError, match=r"'payments': 1 values of 'id' have different rows, for example 1"):
        versions(spark, [(1, "a", 0, 0), (1, "a", 0, 2), (2, "a", 0, 0), (2, "a", 0, 0)], [])


def asked(spark, decisions, paid, disputed, moments):
    """Count and fraud rate of shop a at each day; payments are (id, at, seen, gone, landed)."""
    schema = "id int, shop string, at timestamp, seen timestamp, gone timestamp, landed timestamp"
    rows = [(id, "a", *map(day, times)) for id, *times in paid]
    sources = {"payments": spark.createDataFrame(rows, schema), "disputes": disputes(spark, disputed)}

    @feature_set(source=FRAUD.as_events(decisions), entity="shop")
    def shop_risk(labels):
        return labels.select("shop", "fraud")

    shop_risk.features(rate("fraud").over(lifetime), count().over(lifetime))
    spine = spark.createDataFrame([("a", day(n)) for n in moments], "shop string, as_of timestamp")
    frame = tillthen.point_in_time(spine, [shop_risk], sources=sources).orderBy("as_of")
    return [(row["shop_risk__count_lifetime"], row["shop_risk__rate_fraud_lifetime"]) for row in frame.collect()]


def test_a_decision_counts_from_when_it_is_known_with_its_label(spark):
    found = asked(spark, PAYMENTS, [(1, 0, 20, None, None)], [(1, 5, None, True)], (6, 12, 19, 20, 30))
    assert found == [(0, None), (0, None), (0, None), (1, 1.0), (1, 1.0)]


def test_and_from_when_it_landed(spark):
    landing = replace(PAYMENTS, landed_time="landed", landing=hours(6))
    paid = [(1, 0, 0, None, 20.75), (2, 0, 0, None, 1.1)]
    found = asked(spark, landing, paid, [(1, 5, None, True)], (6, 12, 20.5, 20.75))
    assert found == [(1, None), (1, 0.0), (1, 0.0), (2, 0.5)]


def test_a_decision_that_is_withdrawn_counts_no_longer(spark):
    withdrawn = replace(PAYMENTS, retracted_time="gone")
    paid = [(1, 0, 0, 3, None)]
    assert [n for n, _ in asked(spark, withdrawn, paid, [], (2, 5, 12))] == [1, 0, 0]
    found = asked(spark, withdrawn, paid, [(1, 2, 7, True)], (1, 2, 3, 7, 12))
    assert found == [(1, None), (1, 1.0), (0, None), (0, None), (0, None)]


def test_a_decision_withdrawn_before_it_is_known_never_counts(spark):
    withdrawn = replace(PAYMENTS, retracted_time="gone")
    assert asked(spark, withdrawn, [(1, 0, 5, 3, None)], [(1, 4, None, True)], (4, 6, 12)) == [(0, None)] * 3


def test_the_immature_are_good_where_declared(spark):
    assert versions(spark, [(1, "a", 0, 0)], [], immature="good") == [(1, 0, False), (1, 10, False)]


def test_at_every_time_they_say_what_the_labels_say(spark):
    random = Random(7)
    paid = [(id, "a", random.randint(0, 9), 0) for id in range(40)]
    paid = [(id, shop, at, at) for id, shop, at, _ in paid]
    disputed = []
    for _ in range(60):
        came = random.choice([None, *range(4, 30)])
        won = None if came is None or random.random() < 0.5 else came + random.randint(1, 9)
        disputed.append((random.randrange(40), came, won, random.choice([True, True, None, False])))
    found = outcomes(disputes(spark, disputed), FRAUD)
    spine = payments(spark, paid).selectExpr("id", "unix_micros(at) AS micros")
    known = versions(spark, paid, disputed)
    words = {"positive": True, "negative": False, "immature": None, "unknown": None}
    for moment in (9, 13, 17, 21, 40):
        said = {
            row["id"]: words[row[STATE]] for row in as_known(spine, "id", "micros", found, FRAUD, day(moment)).collect()
        }
        mine = {id: value for id, since, value in known if since <= moment}
        # A dispute that was won before maturity is settled for features, and for labels only by then.
        settled = {id for id, came, won, bad in disputed if bad and won is not None and won <= moment}
        assert {id for id in said if said[id] != mine[id]} <= {id for id in settled if mine[id] is False}
        assert any(mine.values())


def test_a_shops_fraud_rate_leaves_the_immature_out(spark):
    @feature_set(source=FRAUD.as_events(PAYMENTS), entity="shop")
    def shop_risk(labels):
        return labels.select("shop", "fraud")

    shop_risk.features(rate("fraud").over(lifetime), count().over(lifetime))
    paid = [(1, "a", 0, 0), (2, "a", 0, 0), (3, "a", 8, 8)]
    sources = {"payments": payments(spark, paid), "disputes": disputes(spark, [(1, 5, 14, True)])}
    spine = spark.createDataFrame([("a", day(n)) for n in (4, 6, 12, 15, 19)], "shop string, as_of timestamp")
    frame = tillthen.point_in_time(spine, [shop_risk], sources=sources).orderBy("as_of")
    rows = [(row["shop_risk__rate_fraud_lifetime"], row["shop_risk__count_lifetime"]) for row in frame.collect()]
    assert rows == [(None, 2), (1.0, 2), (0.5, 3), (0.0, 3), (0.0, 3)]


@pytest.mark.parametrize(
    ("decisions", "options", "fault"),
    [
        (Source("payments", event_time="at"), {}, "expected decisions with an id.*got no id"),
        (PAYMENTS, {"immature": "bad"}, "expected 'unknown' or 'good', got 'bad'"),
    ],
)
def test_faults(decisions, options, fault):
    with pytest.raises(DefinitionError, match=fault):
        FRAUD.as_events(decisions, **options)
