"""When a row is known: what it claims, when it landed, and times beyond the calendar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillthen import Source, count, days, feature_set, hours, leak, point_in_time
from tillthen.define.arguments.duration import ZERO
from tillthen.define.faults.errors import DefinitionError
from tillthen.runtime.compat import SPARK_4
from tillthen.sources.events.clock import KNOWN_FROM, with_clock
from tillthen.sources.events.prepared import prepare

LANDED = Source("rows", id="id", event_time="at", known_time="known", landed_time="landed")
CLAIMED = {
    "the same day": ("2024-01-01 12:00:00.000001Z", "2024-01-01 23:59:59.999999Z"),
    "before it claims": ("2024-01-02 12:00:00Z", "2024-01-01 09:00:00Z"),
    "at midnight": ("2024-01-01 12:00:00Z", "2024-01-02 00:00:00Z"),
    "within six hours": ("2024-01-01 12:00:00Z", "2024-01-02 05:59:59.999999Z"),
    "six hours after": ("2024-01-01 12:00:00Z", "2024-01-02 06:00:00Z"),
    "days after": ("2024-01-01 12:00:00Z", "2024-01-04 18:00:00.000001Z"),
    "at an unknown time": ("2024-01-01 12:00:00Z", None),
    "never told": (None, "2024-01-04 18:00:00Z"),
}
LATER = {name: max(both) if None not in both else None for name, both in CLAIMED.items()}


@pytest.mark.parametrize(
    ("landing", "kept"),
    [
        (None, []),
        (ZERO, ["the same day"]),
        (hours(6), ["the same day", "at midnight", "within six hours"]),
        (days(3), ["the same day", "at midnight", "within six hours", "six hours after", "days after"]),
    ],
)
def test_a_row_keeps_its_claim_where_it_landed_in_time_else_it_is_known_when_it_landed(spark, table, landing, kept):
    rows = table("id string, at timestamp, known timestamp, landed timestamp",
                 *((name, "2024-01-01 00:00:00Z", *both) for name, both in CLAIMED.items()))  # fmt: skip
    clocked = with_clock(rows, replace(LANDED, landing=landing)).selectExpr("id", f"timestamp_micros({KNOWN_FROM}) k")
    expected = {name: CLAIMED[name][0] if name in kept else known for name, known in LATER.items()}
    wanted = table("id string, k timestamp", *expected.items())
    assert {tuple(row) for row in clocked.collect()} == {tuple(row) for row in wanted.collect()}


def test_the_day_of_a_claim_is_a_day_in_utc_and_a_delay_is_part_of_it(table):
    rows = table("id string, at timestamp_ntz, known timestamp_ntz, landed timestamp_ntz",
                 ("tokyo", "2024-01-02 08:00:00", "2024-01-02 08:00:00", "2024-01-02 09:30:00"))  # fmt: skip
    there = replace(LANDED, timezone="Asia/Tokyo", landing=ZERO)
    clocked = [with_clock(rows, replace(there, delay=delay)) for delay in (ZERO, hours(1), hours(3))]
    known = [one.first()[KNOWN_FROM] for one in clocked]
    midnight = 1_704_153_600_000_000  # 2024-01-02T00:00:00Z
    half, hour = 1_800_000_000, 3_600_000_000
    assert known == [midnight + half, midnight, midnight + 2 * hour]


@pytest.mark.parametrize("date_is", ["start", "end"])
def test_a_row_that_landed_on_some_day_is_not_known_before_that_day_is_over(table, date_is):
    rows = table("id int, at date, known date, landed date", (1, "2024-01-01", "2024-01-01", "2024-01-02"))
    there = replace(LANDED, date_is=date_is)
    midnight = 1_704_240_000_000_000  # 2024-01-03T00:00:00Z
    assert [row[KNOWN_FROM] for row in with_clock(rows, there).collect()] == [midnight - 1]
    claimed = with_clock(rows, replace(there, landing=hours(24))).first()[KNOWN_FROM]
    assert claimed == midnight - 172_800_000_000 + (86_400_000_000 - 1) * (date_is == "end")


def test_of_identical_rows_one_that_never_landed_hides_no_other(table):
    rows = table("id int, at timestamp, known timestamp, landed timestamp",
                 (1, "2024-01-01 00:00:00Z", "2024-01-01 00:00:00Z", None),
                 (1, "2024-01-01 00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-03 00:00:00Z"),
                 (1, "2024-01-01 00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-02 00:00:00Z"))  # fmt: skip
    found = prepare(rows, LANDED, [])
    assert [row[KNOWN_FROM] for row in found.frame.collect()] == [1_704_153_600_000_000]
    assert (found.facts["duplicates_collapsed"], found.facts["null_known_time"]) == (2, 0)


def test_landing_without_its_column_is_refused():
    with pytest.raises(DefinitionError, match="has landing= but no landed_time"):
        Source("rows", event_time="at", landing=ZERO)


BEYOND = {
    "timestamp": "timestamp_micros({}000000)",
    "timestamp_ntz": "CAST(timestamp_micros({}000000) AS TIMESTAMP_NTZ)",
    "date": "CAST(timestamp_micros({}000000) AS DATE)",
}


@pytest.mark.parametrize("type", BEYOND if SPARK_4 else ("timestamp", "date"))  # 3.5 casts no such zoneless times
@pytest.mark.parametrize("delay", [ZERO, days(30)])
def test_a_leak_sees_what_is_known_and_retracted_beyond_the_calendar(spark, type, delay):
    """253402300800 is 10000-01-01; the fourth row is retracted before it is known."""
    year = 31_556_952
    times = [(253_402_300_800 + known * year, 253_402_300_800 + gone * year)
             for known, gone in ((0, 1), (0, 70_000), (70_000, 80_000), (9, 8))]  # fmt: skip
    made = BEYOND[type]
    frames = [f"SELECT 1 AS k, TIMESTAMP'2024-01-02 00:00:00Z' AS at, {made.format(known)} AS known, "
              f"{made.format(gone)} AS gone" for known, gone in times]  # fmt: skip
    source = Source("rows", event_time="at", known_time="known", retracted_time="gone", delay=delay, timezone="UTC")

    @feature_set(source=source, entity="k")
    def seen(rows):
        return rows.select("k")

    seen.features(count().over(leak(days(5))).named("ahead"), count().over(days(5)).named("behind"))
    spine = spark.sql("SELECT 1 AS k, TIMESTAMP'2024-01-01 00:00:00Z' AS as_of UNION ALL "
                      "SELECT 1, TIMESTAMP'2024-01-03 00:00:00Z'")  # fmt: skip
    found = point_in_time(spine, [seen], sources={"rows": spark.sql(" UNION ALL ".join(frames))}).orderBy("as_of")
    assert [(row.ahead, row.behind) for row in found.collect()] == [(3, 0), (0, 0)]
