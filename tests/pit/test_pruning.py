"""A spine of one day reads of a long history what its windows can see, and gets the same."""

from datetime import UTC, datetime, timedelta

import pytest

from tillthen import Source, count, days, feature_set, leak, lifetime
from tillthen import sum as total
from tillthen.pit.spark.engine import compute

START = datetime(2024, 1, 1, 12, tzinfo=UTC)
DAYS = 60


def events(spark, path):
    rows = [(i, "a", START + timedelta(days=i % DAYS), i) for i in range(4 * DAYS)]
    frame = spark.createDataFrame([*rows, (-1, "a", None, 1)], "id int, card string, at timestamp, amount int")
    frame = frame.selectExpr("*", "to_date(at) AS day", "at AS seen")
    frame.repartition(1).write.partitionBy("day").parquet(str(path))
    return spark.read.parquet(str(path))


def cards(source, *windows):
    @feature_set(source=source, entity="card")
    def cards(payments):
        return payments.select("card", "amount")

    return cards.features(count().over(*windows), total("amount").over(*windows))


@pytest.mark.parametrize(
    ("options", "windows", "rows"),
    [
        (
            {"event_date": "day"},
            [days(1), days(3)],
            4 * 7 + 1,
        ),  # from day 25.04 to day 32.04, two days more on both sides
        ({}, [days(1), days(3)], 4 * 7 + 1),
        ({"event_date": "day"}, [days(1), lifetime], 4 * 33 + 1),
        ({"event_date": "day"}, [days(1), leak(days(2))], 4 * 7 + 1),
        ({"versions": True, "known_time": "seen"}, [days(1)], 4 * DAYS + 1),
        ({"versions": True, "known_time": "seen", "immutable_event_time": True}, [days(1)], 4 * 5 + 1),
    ],
)
def test_only_what_windows_can_see_is_read(spark, tmp_path, options, windows, rows):
    table = events(spark, tmp_path / "events")
    spine = spark.createDataFrame([("a", START + timedelta(days=30, hours=1))], "card string, as_of timestamp")
    sets = [cards(Source("payments", id="id", event_time="at", **options), *windows)]
    pruned = compute(spine, sets, {"payments": table})
    assert pruned.facts["payments"]["rows"] == rows
    assert pruned.facts["payments"]["null_event_time" if "versions" not in options else "null_known_time"] == 1
    expected = [row for row in range(4 * DAYS) if days(1).micros >= (30 * 86400 + 3600 - row % DAYS * 86400) * 1e6 > 0]
    assert pruned.frame.first()["cards__count_1d"] == len(expected)
