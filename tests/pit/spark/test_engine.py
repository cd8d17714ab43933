"""The engine in Spark, on tables small enough to check by eye. Times are seconds after START."""

from datetime import UTC, datetime, timedelta

import pytest
from chispa import assert_df_equality

import tillthen
from tillthen import FeatureSet, Source, count, days, feature_set, first, last, latest, lifetime, mean, rate, seconds
from tillthen import max as greatest
from tillthen import sum as total
from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.define.sources.rows import Rows

START = datetime(2024, 1, 1, tzinfo=UTC)
EVENTS = "card string, at timestamp, amount bigint"
SPINE = "row int, card string, as_of timestamp"


def at(second):
    return None if second is None else START + timedelta(seconds=second)


def events(spark, rows, schema=EVENTS):
    return spark.createDataFrame([(card, at(t), *rest) for card, t, *rest in rows], schema)


def spine(spark, rows, schema=SPINE):
    return spark.createDataFrame([(i, key, at(t)) for i, (key, t) in enumerate(rows)], schema)


def cards(*features, source=None, **options):
    @feature_set(source=source or Source("payments", event_time="at"), entity="card", **options)
    def cards(rows):
        return rows.select("card", "amount")

    return cards.features(*features) if features else cards


def ask(spark, rows, questions, *features, **options):
    """The first feature's values for a spine of (card, second), in its order."""
    sets = [cards(*features, **options)]
    frame = tillthen.point_in_time(spine(spark, questions), sets, sources={"payments": events(spark, rows)})
    return [row[sets[0].feature_names[0]] for row in frame.orderBy("row").collect()]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [("left", [0, 1, 2, 2, 1, 0]), ("right", [1, 2, 2, 1, 1, 0])],
)
def test_windows_of_10_seconds(spark, closed, expected):
    # left: [as_of - 10, as_of)   right: (as_of - 10, as_of]
    rows = [("a", 0, 1), ("a", 5, 1), ("b", 5, 1)]
    questions = [("a", 0), ("a", 5), ("a", 6), ("a", 10), ("a", 11), ("a", 100)]
    assert ask(spark, rows, questions, count().over(seconds(10)), closed=closed) == expected


def test_every_spine_row_comes_back_once(spark):
    rows = [("a", 0, 1), (None, 0, 1)]
    given = spine(spark, [("a", 5), ("a", 5), ("nobody", 5), (None, 5)])
    result = tillthen.point_in_time(given, [cards(count().over(days(1)))], sources={"payments": events(spark, rows)})
    expected = spark.createDataFrame(
        [(0, "a", at(5), 1), (1, "a", at(5), 1), (2, "nobody", at(5), 0), (3, None, at(5), 0)],
        f"{SPINE}, cards__count_1d bigint",
    )
    assert_df_equality(result, expected, ignore_row_order=True, ignore_nullable=True)


def test_a_feature_set_without_features_adds_nothing(spark):
    given = spine(spark, [("a", 5), (None, 5)])
    own = FeatureSet("own", Source("payments", event_time="as_of"), ("card",), Rows("payments").select("card", "row"))
    for empty, source in ((cards(), events(spark, [("a", 0, 1)])), (own, given)):
        found = tillthen.point_in_time(given, [empty], sources={"payments": source})
        assert_df_equality(found, given, ignore_row_order=True)


def test_a_null_as_of_is_refused_with_count_and_examples(spark):
    questions = [("a", None), ("b", None), ("a", 5)]
    with pytest.raises(DataContractError, match=r"'as_of' is null in 2 of 3 rows.*'card': 'a'"):
        ask(spark, [("a", 0, 1)], questions, count().over(days(1)))


def test_a_null_as_of_is_kept_without_features_where_asked(spark):
    frame = tillthen.point_in_time(
        spine(spark, [("a", None), ("a", 5)]),
        [cards(count().over(days(1)), last("amount").over(lifetime))],
        sources={"payments": events(spark, [("a", 0, 7)])},
        on_null_time="keep",
    )
    assert [tuple(row)[3:] for row in frame.orderBy("row").collect()] == [(0, None), (1, 7)]


def test_the_known_time_hides_what_had_not_arrived(spark):
    source = Source("payments", event_time="at", known_time="arrived", retracted_time="withdrawn")
    schema = "card string, at timestamp, arrived timestamp, withdrawn timestamp, amount bigint"
    rows = spark.createDataFrame([("a", at(0), at(10), at(20), 1)], schema)
    sets = [cards(count().over(days(1)), source=source)]
    frame = tillthen.point_in_time(spine(spark, [("a", t) for t in (9, 10, 19, 20)]), sets, sources={"payments": rows})
    assert [row["cards__count_1d"] for row in frame.orderBy("row").collect()] == [0, 1, 1, 0]


def test_a_delay_hides_and_an_offset_moves(spark):
    rows, questions = [("a", 0, 1)], [("a", t) for t in (4, 5, 6, 11, 16)]
    delayed = Source("payments", event_time="at", delay=seconds(5))
    assert ask(spark, rows, questions, count().over(seconds(10)), source=delayed) == [0, 1, 1, 0, 0]
    assert ask(spark, rows, questions, count().over(seconds(10), offset=seconds(5))) == [0, 0, 1, 1, 0]


def test_one_instant_is_told_apart_by_within_tie(spark):
    source = Source("payments", event_time="at", sequence="row")
    rows = spark.createDataFrame([("a", at(0), 1, 10), ("a", at(0), 2, 20), ("a", at(0), None, 40)],
                                 "card string, at timestamp, row int, amount bigint")  # fmt: skip
    sets = [cards(total("amount").over(lifetime), source=source, closed="right", within_tie="row")]
    frame = tillthen.point_in_time(spine(spark, [("a", 0)] * 4), sets, sources={"payments": rows})
    assert [row["cards__sum_amount_lifetime"] for row in frame.orderBy("row").collect()] == [None, 10, 30, 30]


def test_a_row_can_leave_itself_out(spark):
    source = Source("payments", id="row", event_time="at")
    rows = spark.createDataFrame([("a", at(t), t, 10 + t) for t in range(4)],
                                 "card string, at timestamp, row int, amount bigint")  # fmt: skip
    sets = [cards(total("amount").over(lifetime), source=source, closed="right", exclude_self=True)]
    frame = tillthen.point_in_time(spine(spark, [("a", t) for t in range(4)]), sets, sources={"payments": rows})
    assert [row["cards__sum_amount_lifetime"] for row in frame.orderBy("row").collect()] == [None, 10, 21, 33]


def test_latest_takes_the_last_few_after_those_to_skip(spark):
    rows = [("a", t, 2**t) for t in range(5)]
    assert ask(spark, rows, [("a", 5)], total("amount").over(latest(2))) == [24]
    assert ask(spark, rows, [("a", 5)], total("amount").over(latest(2, skip=1))) == [12]
    assert ask(spark, rows, [("a", 5)], total("amount").over(latest(9, within=seconds(3)))) == [28]
    assert ask(spark, rows, [("a", 5)], first("amount").over(latest(3))) == [4]


def test_composite_keys_are_never_joined_as_text(spark):
    @feature_set(source=Source("payments", event_time="at"), entity=("one", "two"))
    def pair(rows):
        return rows.select("one", "two", "amount")

    pair.features(total("amount").over(lifetime))
    rows = spark.createDataFrame([("1", "11", at(0), 5), ("11", "1", at(0), 7)],
                                 "one string, two string, at timestamp, amount bigint")  # fmt: skip
    given = spark.createDataFrame([("1", "11", at(1)), ("11", "1", at(1)), ("1", None, at(1))],
                                  "one string, two string, as_of timestamp")  # fmt: skip
    frame = tillthen.point_in_time(given, [pair], sources={"payments": rows})
    result = {(row.one, row.two): row.pair__sum_amount_lifetime for row in frame.collect()}
    assert result == {("1", "11"): 5, ("11", "1"): 7, ("1", None): None}


def test_integer_keys_widen_and_other_types_are_refused(spark):
    sets = [cards(count().over(lifetime))]
    rows = spark.createDataFrame([(7, at(0), 1)], "card smallint, at timestamp, amount bigint")
    wide = spark.createDataFrame([(0, 7, at(5))], "row int, card bigint, as_of timestamp")
    assert tillthen.point_in_time(wide, sets, sources={"payments": rows}).first()["cards__count_lifetime"] == 1
    for other in ("string", "double", "map<int, int>"):
        given = spark.createDataFrame([(0, None, at(5))], f"row int, card {other}, as_of timestamp")
        with pytest.raises(DataContractError, match="card"):
            tillthen.point_in_time(given, sets, sources={"payments": rows})


def test_two_entities_of_one_spine(spark):
    @feature_set(source=Source("payments", event_time="at"), entity="shop")
    def shops(rows):
        return rows.select("shop", "amount")

    shops.features(mean("amount").over(lifetime))
    rows = spark.createDataFrame([("a", "x", at(0), 1), ("a", "y", at(1), 2), ("b", "x", at(2), 6)],
                                 "card string, shop string, at timestamp, amount bigint")  # fmt: skip
    given = rows.select("card", "shop", rows["at"].alias("as_of"))
    sets = [cards(count().over(lifetime), closed="right"), shops]
    result = tillthen.point_in_time(given, sets, sources={"payments": rows}).orderBy("as_of").collect()
    assert [(row.cards__count_lifetime, row.shops__mean_amount_lifetime) for row in result] == [
        (1, None), (2, None), (1, 1.0),
    ]  # fmt: skip


def test_windows_before_the_source_is_complete_are_null_where_declared(spark):
    source = Source("payments", event_time="at", complete_from=at(0), incomplete_windows="null")
    values = ask(spark, [("a", 1, 1)], [("a", 9), ("a", 10)], count().over(seconds(10)), source=source)
    assert values == [None, 1]


def test_a_result_that_does_not_fit_names_feature_key_and_time(spark):
    rows = [("a", 0, 2**62), ("a", 1, 2**62), ("a", 2, -(2**62))]
    # the prefix overflows, the window's result does not
    assert ask(spark, rows, [("a", 5)], total("amount").over(lifetime)) == [2**62]
    with pytest.raises(
        Exception, match=r"'cards__sum_amount_lifetime' of 'cards' for .*'a'.* as of 2024-01-01T00:00:02"
    ):
        ask(spark, rows, [("a", 2)], total("amount").over(lifetime))


def test_fill_stands_in_for_null(spark):
    assert ask(spark, [("a", 0, 1)], [("b", 5)], rate("amount > 0").over(lifetime).fill(0.5)) == [0.5]


@pytest.mark.parametrize(
    ("feature", "fault"),
    [
        (total("card").over(lifetime), "'cards__sum_card_lifetime' reads 'card': expected tinyint or .*, got string"),
        (rate("amount").over(lifetime), "expected boolean, got bigint"),
        (count(where="amount").over(lifetime), "expected boolean, got bigint"),
    ],
)
def test_types_that_an_aggregation_does_not_take_are_refused(spark, feature, fault):
    with pytest.raises(DefinitionError, match=fault):
        ask(spark, [("a", 0, 1)], [("a", 1)], feature)


def test_faults_of_names(spark):
    sets = [cards(count().over(lifetime).named("row"))]
    with pytest.raises(DefinitionError, match="'row' is used twice"):
        tillthen.point_in_time(spine(spark, [("a", 1)]), sets, sources={"payments": events(spark, [])})
    given = spine(spark, [("a", 1)]).withColumnRenamed("card", "crad")
    with pytest.raises(DataContractError, match=r"The spine lacks 'card', the entity of 'cards'. Did you mean 'crad'"):
        tillthen.point_in_time(given, [cards(count().over(lifetime))], sources={"payments": events(spark, [])})
    with pytest.raises(DataContractError, match="the session knows no table 'payments'"):
        tillthen.point_in_time(spine(spark, [("a", 1)]), [cards(count().over(lifetime))])


def test_results_do_not_depend_on_partitions_or_batches(spark):
    rows = events(spark, [("abc"[i % 3], i % 17, i * i % 23) for i in range(200)])
    given = spine(spark, [("abcd"[i % 4], i % 19) for i in range(100)])
    sets = [
        cards(
            total("amount").over(seconds(5), lifetime),
            last("amount").over(latest(3)),
            greatest("amount").over(seconds(7)),
        )
    ]
    answers = []
    for partitions, batch in ((1, "10000"), (7, "3"), (3, "1")):
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", batch)
        frame = tillthen.point_in_time(given, sets, sources={"payments": rows.repartition(4)}, partitions=partitions)
        answers.append(frame.orderBy("row").collect())
    spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert answers[0] == answers[1] == answers[2]
