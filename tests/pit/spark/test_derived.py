"""What is made of finished features in Spark, and features by declared values. Times are seconds after START."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F

import tillthen
from tillthen import (
    Source,
    count,
    days,
    difference,
    feature_set,
    last_n,
    lifetime,
    mean,
    median,
    ratio,
    stddev,
    top_k,
    zscore,
)
from tillthen import any as some
from tillthen import sum as total
from tillthen.define.expressions.literals import literal
from tillthen.define.faults.errors import DataContractError

START = datetime(2024, 1, 1, tzinfo=UTC)
ODD = ["it's", "back\\slash", "${x}", "a%b_c", "\\u0041", "é", "two\nlines"]


def at(second):
    return START + timedelta(seconds=second)


def cards(*features):
    @feature_set(source=Source("payments", event_time="at"), entity="card")
    def cards(rows):
        return rows.select("card", "amount", "channel")

    return cards.features(*features)


def ask(spark, rows, questions, sets):
    events = spark.createDataFrame(
        [("a", at(i), *row) for i, row in enumerate(rows)],
        "card string, at timestamp, amount bigint, channel string",
    )
    spine = spark.createDataFrame(
        [(i, "a", at(t), own) for i, (t, own) in enumerate(questions)],
        "row int, card string, as_of timestamp, own double",
    )
    frame = tillthen.point_in_time(spine, [sets], sources={"payments": events})
    return frame.columns[4:], [tuple(row)[4:] for row in frame.orderBy("row").collect()]


def test_ratio_difference_and_zscore(spark):
    sets = cards(total("amount").over(lifetime), mean("amount").over(lifetime), stddev("amount").over(lifetime))
    sets.derive(
        share=ratio("own", "cards__sum_amount_lifetime"),
        above=difference("own", "cards__mean_amount_lifetime"),
        strange=zscore("own", "cards__mean_amount_lifetime", "cards__stddev_amount_lifetime"),
        twice="above * 2",
    )
    names, rows = ask(spark, [(0, None), (0, None), (6, None)], [(0, 4.0), (2, 4.0), (3, 4.0)], sets)
    assert names[3:] == ["share", "above", "strange", "twice"]
    assert [row[3:] for row in rows] == [
        (None, None, None, None),  # no events
        (None, 4.0, None, 8.0),  # a sum and a stddev of 0
        (4 / 6, 2.0, 2 / 12**0.5, 4.0),
    ]


def test_a_derived_column_that_reads_an_unknown_one_is_refused(spark):
    sets = cards(count().over(lifetime)).derive(x="owns + 1")
    with pytest.raises(DataContractError, match="'x' reads 'owns', which is no feature of the set .* mean 'own'"):
        ask(spark, [], [(0, 1.0)], sets)


def test_parts_add_up(spark):
    by = {"channel": ["pos", "web"]}
    sets = cards(count().over(lifetime), count(by=by).over(lifetime), total("amount", by=by).over(lifetime))
    rows = [(1, "pos"), (2, "web"), (4, "atm"), (8, None), (16, "POS")]
    assert ask(spark, rows, [(9, None)], sets)[1] == [(5, 1, 1, 3, 1, 2, 28)]


def test_literals_are_the_values_that_they_stand_for(spark):
    assert list(spark.range(1).select(*[F.expr(literal(text)) for text in ODD]).first()) == ODD


def test_lists_doubles_and_booleans(spark):
    sets = cards(last_n("channel", 2).over(days(1)), top_k("amount", 2).over(days(1)), median("amount").over(days(1)),
                 some("amount > 2").over(days(1)))  # fmt: skip
    names, rows = ask(spark, [(1, "a"), (2, None), (2, "b")], [(0, None), (1, None), (9, None)], sets)
    assert names == ["cards__last_2_channel_1d", "cards__top_2_amount_1d", "cards__median_amount_1d",
                     "cards__any_amount_gt_2_1d"]  # fmt: skip
    assert rows == [(None, None, None, None), (["a"], [1], 1.0, False), ([None, "b"], [2, 1], 2.0, False)]
