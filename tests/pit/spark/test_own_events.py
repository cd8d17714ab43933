"""Rows that are spine and event at once give what they give apart."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from chispa import assert_df_equality

import tillthen
from tillthen import Source, count, days, feature_set, hours, last, latest, lifetime, rate
from tillthen import sum as total
from tillthen.pit.spark.engine import compute

START = datetime(2024, 1, 1, tzinfo=UTC)
SCHEMA = "id int, card string, shop int, at timestamp, seen timestamp, gone timestamp, amount bigint, good boolean"
PAYMENTS = Source("payments", id="id", event_time="at", known_time="seen", retracted_time="gone")
ANSWERS = Source("answers", table="payments", id="id", event_time="at", known_time="gone")


def cards(closed="left", **options):
    @feature_set(source=PAYMENTS, entity="card", closed=closed, **options)
    def cards(payments):
        return payments.where("amount <> 3").select("card", "amount", large="amount > 5")

    return cards.features(
        count(where="large").over(hours(9), lifetime),
        total("amount").over(days(1), latest(2)),
        last("amount").over(days(2)),
    )


@feature_set(source=ANSWERS, entity="card")
def card_answers(answers):
    return answers.select("card", "good")


card_answers.features(rate("good").over(days(2)))


@feature_set(source=PAYMENTS, entity="shop")
def shops(payments):
    return payments.select("shop", "amount")


shops.features(count().over(days(3)), total("amount").over(lifetime))


@feature_set(source=PAYMENTS, entity="shop")
def shops_of_others(payments):
    return payments.select("amount", shop="shop + 1")


shops_of_others.features(count().over(days(3)))


def rows(seed):
    random = Random(seed)

    def time(start, hours):
        return None if random.random() < 0.1 else start + timedelta(hours=random.randint(0, hours))

    for id in range(60):
        at = START + timedelta(hours=random.randint(0, 48))
        yield (id, random.choice(["a", "b", None]), random.randint(0, 2), at, time(at, 9), time(at, 48),
               random.choice([None, 1, 3, 9]), random.choice([None, True, False]))  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "sets"),
    [
        (1, [cards(), card_answers, shops, shops_of_others]),
        (2, [shops, cards("right", within_tie="amount")]),
        (3, [cards("right", exclude_self=True), shops]),
    ],
)
def test_own_events_and_events_from_elsewhere_give_the_same(spark, seed, sets):
    events = spark.createDataFrame(list(rows(seed)), SCHEMA)
    copy = spark.createDataFrame(events.collect(), SCHEMA)
    sources = {"payments": events, "answers": events}
    own = tillthen.point_in_time(events, sets, sources=sources, as_of="at", partitions=3)
    apart = tillthen.point_in_time(copy, sets, sources=sources, as_of="at", partitions=2)
    assert "__events0" in own._jdf.queryExecution().optimizedPlan().toString()
    assert unions(own) < unions(apart)
    assert_df_equality(own, apart, ignore_row_order=True)


def test_a_key_cut_by_time_gives_the_same(spark):
    sets = [cards("right", exclude_self=True), card_answers, shops, shops_of_others]
    events = spark.createDataFrame(list(rows(1)), SCHEMA)
    copy = spark.createDataFrame(events.collect(), SCHEMA)
    sources = {"payments": events, "answers": events}
    whole = compute(copy, sets, sources, as_of="at")
    for spine in (events, copy):
        sliced = compute(spine, sets, sources, as_of="at", slice_rows=5, partitions=3)
        assert sliced.facts["hot card"]["slices"] > 4
        assert_df_equality(sliced.frame, whole.frame, ignore_row_order=True)


def unions(frame):
    return frame._jdf.queryExecution().optimizedPlan().toString().count("Union")


def test_duplicates_stay_in_the_spine_and_count_once_as_events(spark):
    at = START + timedelta(hours=1)
    row = (1, "a", 1, START, START, None, 9, True)
    events = spark.createDataFrame([row, row, (2, "a", 1, at, at, None, 9, True)], SCHEMA)
    frame = tillthen.point_in_time(events, [shops], sources={"payments": events}, as_of="at")
    assert sorted((r["id"], r["shops__count_3d"]) for r in frame.collect()) == [(1, 0), (1, 0), (2, 1)]


@feature_set(source=PAYMENTS, entity="card")
def parts(payments):
    return payments.where("amount > 1").select("card", "amount", part="100 / (amount - 1)")


parts.features(total("part").over(lifetime), last("1 / part").over(lifetime), total("9 div (amount - 1)").over(days(2)))


@feature_set(source=PAYMENTS, entity="card")
def ones(payments):
    return payments.where("amount = 1").select("card", "amount")


ones.features(count().over(lifetime))


@pytest.mark.parametrize("own", [True, False])
def test_expressions_are_evaluated_for_the_rows_that_a_set_asks_for(spark, own):
    at = [START + timedelta(hours=i) for i in range(4)]
    amounts = [1, 3, None, 5]
    rows = [(i, "a", 0, at[i], at[i], None, amounts[i], True) for i in range(4)]
    spine = spark.createDataFrame(rows, SCHEMA)
    events = spine if own else spark.createDataFrame([*rows, (9, None, 0, None, None, None, 1, None)], SCHEMA)
    frame = tillthen.point_in_time(spine, [parts, ones], sources={"payments": events}, as_of="at")
    names = [*parts.feature_names, *ones.feature_names]
    found = {row["id"]: tuple(row[name] for name in names) for row in frame.collect()}
    assert found == {0: (None, None, None, 0), 1: (None, None, None, 1), 2: (50.0, 0.02, 4, 1), 3: (50.0, 0.02, 4, 1)}
