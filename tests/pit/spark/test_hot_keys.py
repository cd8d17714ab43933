"""Keys that are cut by time: which slices a row travels to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyspark.sql import functions as F

from tillthen import Source, count, days, feature_set, last_n, latest, leak, lifetime, top_k
from tillthen import sum as total
from tillthen.pit.kernel.timeline import FOREVER
from tillthen.pit.partition.stage import AS_OF, field_column
from tillthen.pit.spark import hot_keys as hot
from tillthen.pit.spark.engine import compute
from tillthen.pit.spark.frame import TIME
from tillthen.pit.spark.hot_keys import crowded_buckets, find_hot_keys
from tillthen.pit.spark.members import stream_of
from tillthen.pit.spark.slices import END, SLICE, START, HotKeys, sliced

ROWS = "__key0 string, __spine struct<__as_of: bigint>, __events struct<time: bigint, `from`: bigint>"
SLICES = f"__key0 string, {START} bigint, {END} bigint, {SLICE} bigint"
DAY = timedelta(days=1) // timedelta(microseconds=1)


def stream_over(*windows):
    @feature_set(source=Source("payments", event_time="at", known_time="seen"), entity="card")
    def cards(payments):
        return payments.select("card")

    return stream_of(cards.features(count().over(*windows)), "__events")


@pytest.fixture
def slices(spark):
    """Three: to day 10, to day 20, and on."""
    cuts = [-FOREVER, 10 * DAY, 20 * DAY, FOREVER]
    rows = [("hot", cuts[i], cuts[i + 1], i) for i in range(3)]
    return HotKeys(spark.createDataFrame([], SLICES).schema, rows)


def went(spark, slices, windows, rows):
    """Where each row went: its slice, and whether as spine row and as event; a copy has nothing of the spine."""
    structs = spark.createDataFrame(rows, ROWS)
    frame = structs.select(
        "__key0",
        *[F.col(kind).isNotNull().alias(kind) for kind in ("__spine", "__events")],
        F.col("__spine.__as_of"),
        *[F.col(f"__events.{name}").alias(field_column("__events", name)) for name in ("time", "from")],
    )
    found = sliced(frame, [AS_OF], ["__key0"], [stream_over(*windows)], slices)
    assert found.where(f"{AS_OF} IS NOT NULL AND __spine IS NOT TRUE").isEmpty()
    return sorted((tuple(row) for row in found.select("__key0", SLICE, "__spine", "__events").collect()), key=str)


@pytest.mark.parametrize(
    ("windows", "at", "known", "reached"),
    [
        pytest.param([days(3)], 5, 5, [0], id="inside one"),
        pytest.param([days(3)], 8, 8, [0, 1], id="over a cut"),
        pytest.param([days(30)], 5, 5, [0, 1, 2], id="over all"),
        pytest.param([days(30)], 5, 15, [1, 2], id="known later"),
        pytest.param([days(3)], 5, 25, [], id="known when no window sees it"),
        pytest.param([lifetime, days(3)], 12, 12, [1, 2], id="for ever"),
        pytest.param([leak(days(3))], 12, 12, [0, 1], id="ahead"),
        pytest.param([leak(days(3)), days(1), days(9)], 12, 12, [0, 1, 2], id="ahead and behind"),
    ],
)
def test_an_event_is_in_every_slice_that_may_see_it(spark, slices, windows, at, known, reached):
    event = ("hot", None, (at * DAY, known * DAY))
    assert went(spark, slices, windows, [event]) == [("hot", slice, False, True) for slice in reached]


@pytest.mark.parametrize(("at", "slice"), [(0, 0), (10, 1), (19, 1), (20, 2), (None, 0)])
def test_a_spine_row_is_in_one(spark, slices, at, slice):
    row = ("hot", (None if at is None else at * DAY,), None)
    assert went(spark, slices, [days(3)], [row]) == [("hot", slice, True, False)]


def test_a_row_that_is_both_is_a_spine_row_once(spark, slices):
    row = ("hot", (9 * DAY,), (9 * DAY, 9 * DAY))
    assert went(spark, slices, [days(3)], [row]) == [("hot", 0, True, True), ("hot", 1, False, True)]


def test_other_keys_and_none_are_not_cut(spark, slices):
    rows = [("cold", (5 * DAY,), (5 * DAY, 5 * DAY)), (None, (5 * DAY,), None)]
    assert went(spark, slices, [days(3)], rows) == [("cold", None, True, True), (None, None, True, False)]


def test_keys_of_bytes_are_counted():
    assert HotKeys(None, [(bytearray(b"x"), -FOREVER, 5, 0), (bytearray(b"x"), 5, FOREVER, 1)]).keys == 1


@pytest.mark.parametrize("sample", [40, 10_000])
def test_cuts_are_even_even_by_a_sample(spark, monkeypatch, sample):
    monkeypatch.setattr(hot, "SAMPLE", sample)
    times = {"hot": 2000, "warm": 90}
    rows = [(key, i) for key, count in times.items() for i in range(count)]
    keyed = {("card",): [spark.createDataFrame(rows, f"__key0 string, {TIME} bigint")]}
    limits = {("card",): 100}
    found = find_hot_keys(keyed, crowded_buckets(keyed, limits), limits)["card",]
    assert found.keys == 1
    assert [row[0] for row in found.slices] == ["hot"] * 20
    cuts = [min(row[2], 2000) for row in found.slices]
    assert all(20 < end - start < 220 for start, end in zip([0, *cuts], cuts, strict=False))


def test_a_key_with_long_lists_is_cut_into_more_slices(spark):
    rows = [("hot", i, i % 7) for i in range(60)]
    frame = spark.createDataFrame(rows, "card string, at long, amount int").withColumn("at", F.timestamp_seconds("at"))

    def answered(features, **options):
        @feature_set(source=Source("payments", event_time="at"), entity="card")
        def cards(payments):
            return payments.select("card", "amount")

        cards.features(*features)
        return compute(frame, [cards], {"payments": frame}, as_of="at", **options)

    lists = [last_n("amount", 96).over(lifetime), top_k("amount", 32).over(lifetime)]
    whole, parts = answered(lists), answered(lists, slice_rows=40)
    assert parts.facts["hot card"] == {"keys": 1, "slices": 6}  # of 10 rows each: 128 values in place of 32
    assert answered([total("amount").over(latest(96))], slice_rows=40).facts["hot card"]["slices"] == 2
    assert sorted(whole.frame.collect()) == sorted(parts.frame.collect())
