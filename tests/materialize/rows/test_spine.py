from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tillthen import FeatureTable, Source, Spine, days, feature_set, hours, sum
from tillthen.define.faults.errors import DataContractError
from tillthen.materialize.rows.features import features
from tillthen.materialize.rows.spine import as_of_date, spine_days, spine_rows
from tillthen.tables.days import Days

COLUMNS = "id bigint, at timestamp_ntz, seen timestamp_ntz, amount bigint, gone timestamp_ntz"
NOON, ONE, TWO = datetime(2024, 3, 31, 12), datetime(2024, 3, 31, 13), datetime(2024, 3, 31, 14)


def spine(**options):
    source = Source("payments", id="id", event_time="at", known_time="seen", timezone="UTC", **options)
    return Spine(source, as_of="at", known=["amount"])


def made(spark, rows, spine):
    done = spine_rows(spark.createDataFrame(rows, COLUMNS), spine)
    return sorted(tuple(row) for row in done.frame.collect()), done.facts


def test_a_decision_stays_though_its_event_came_late_or_was_retracted(spark):
    rows = [(1, NOON, ONE, 10, None), (2, NOON, None, 20, None), (3, NOON, ONE, 30, ONE)]
    found, _ = made(spark, rows, spine(retracted_time="gone"))
    assert found == [(1, NOON, 10), (2, NOON, 20), (3, NOON, 30)]


def test_of_several_versions_the_first_that_was_known_was_decided_on(spark):
    rows = [(1, NOON, TWO, 99, None), (1, NOON, ONE, 10, TWO), (2, NOON, TWO, 20, None)]
    found, facts = made(spark, rows, spine(versions=True, retracted_time="gone"))
    assert found == [(1, NOON, 10), (2, NOON, 20)]
    assert facts["rows"] == 3


def test_what_landed_after_its_day_could_be_built_is_no_decision_of_it(spark):
    """Here ``gone`` is when a row landed. Told on the next day and landed in that day's time is late for its own."""
    rows = [
        (1, NOON, ONE, 10, datetime(2024, 4, 1, 5)),
        (2, NOON, datetime(2024, 4, 1, 1), 20, datetime(2024, 4, 2, 2)),
        (3, NOON, datetime(2024, 4, 1, 0, 30), 30, datetime(2024, 4, 1, 3)),
        (4, NOON, ONE, 40, datetime(2024, 4, 3)),
        (4, NOON, datetime(2024, 4, 1, 1), 41, datetime(2024, 4, 1, 5, 59)),
    ]
    found, _ = made(spark, rows, spine(versions=True, landed_time="gone", landing=hours(6)))
    assert found == [(1, NOON, 10), (3, NOON, 30), (4, NOON, 41)]


def test_a_decision_without_a_time_is_refused_with_examples(spark):
    rows = [(1, NOON, NOON, 10, None), *((id, None, NOON, 20, None) for id in range(2, 7))]
    with pytest.raises(
        DataContractError, match=r"'at', the spine's as_of, is null in 5 of 6 rows, for example 'id' \d, \d, \d\."
    ):
        made(spark, rows, spine())


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("UTC", datetime(2024, 1, 1, 23, 59, 59, 999_999), "2024-01-01"),
        ("America/New_York", datetime(2024, 1, 1, 19), "2024-01-02"),
        ("Asia/Tokyo", datetime(2024, 1, 1, 8, 59), "2023-12-31"),
    ],
)
def test_the_partition_is_the_utc_day_of_the_decision(spark, zone, at, day):
    where = Spine(Source("payments", id="id", event_time="at", timezone=zone), as_of="at")
    frame = spark.createDataFrame([(1, at, at, 0, None)], COLUMNS)
    assert str(frame.select(as_of_date(frame, where)).first()[0]) == day


A_DAY = timedelta(days=1)
MIDNIGHT = {
    # The start of a day in Los Angeles is of its UTC day, its end of the next; of Tokyo it is the other way round.
    "start of a day, west": ("date", "start", "America/Los_Angeles", date(2024, 3, 5), "2024-03-05T08:00:00+00:00"),
    "end of a day, west": ("date", "end", "America/Los_Angeles", date(2024, 3, 5), "2024-03-06T07:59:59.999999+00:00"),
    "start of a day, east": ("date", "start", "Asia/Tokyo", date(2024, 3, 5), "2024-03-04T15:00:00+00:00"),
    "end of a day, east": ("date", "end", "Asia/Tokyo", date(2024, 3, 5), "2024-03-05T14:59:59.999999+00:00"),
    "start of a day": ("date", "start", None, date(2024, 3, 5), "2024-03-05T00:00:00+00:00"),
    # Clocks were set back by two hours, from three to one: at 23:30 and 01:30 UTC they showed the same.
    "shown twice": ("timestamp_ntz", "end", "Antarctica/Troll", datetime(2024, 10, 27, 1, 30),
                    "2024-10-26T23:30:00+00:00"),
}  # fmt: skip


@pytest.mark.parametrize("case", MIDNIGHT)
def test_night_partition_and_as_of_are_of_one_instant(spark, case):
    type, date_is, zone, at, instant = MIDNIGHT[case]
    when = datetime.fromisoformat(instant)
    day = when.date()
    source = Source("payments", id="id", event_time="at", timezone=zone, date_is=date_is)
    # Whether an event a microsecond before the decision is seen, and one at the decision.
    seen = [when - timedelta(microseconds=1), when]
    other = Source("seen", id="id", event_time="at")

    @feature_set(source=other, entity="k")
    def before(rows):
        return rows.select("k", "id")

    before.features(sum("id").over(days(1)).named("ids"))
    table = FeatureTable("t", spine=Spine(source, as_of="at", known=["k"]), feature_sets=[before])
    rows = spark.createDataFrame([(7, "a", at)], f"id bigint, k string, at {type}")
    frames = {"payments": rows, "seen": spark.createDataFrame([(i, "a", t) for i, t in enumerate(seen, 1)],
                                                              "id bigint, k string, at timestamp")}  # fmt: skip
    assert spine_days(rows, table.spine, day + A_DAY) == [day]
    for night in (day - A_DAY, day, day + A_DAY):
        frame, facts = features(table, frames, Days(night, night))
        assert [(row.ids, row.as_of_date) for row in frame.collect()] == ([(1, day)] if night == day else [])
        assert facts["spine"]["built"] == int(night == day)
    (row,) = features(table, frames, None, until=day)[0].collect()
    assert (row.ids, row.as_of_date) == (1, day)
    assert features(table, frames, None, until=day - A_DAY)[0].collect() == []
