from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, IntegerType, TimestampNTZType, TimestampType

from tillthen.define.faults.errors import DataContractError, DefinitionError
from tillthen.sources.reading.times import DAY, EARLIEST, LATEST, micros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Europe/Dublin",  # winter is the exception
    "America/Havana",  # at midnight
    "America/Sao_Paulo",  # at midnight
    "Pacific/Apia",  # a day that never was
    "Africa/Casablanca",  # twice around Ramadan
    "Asia/Kathmandu",
    "UTC",
)


def instant(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def readings(wall: datetime, zone: str) -> list[int]:
    """Both instants at which, by either offset, clocks in the zone would show ``wall``."""
    return sorted(instant(wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)) for fold in (0, 1))


def walls_around_changes(zone: str) -> list[datetime]:
    """Wall clocks up to 27 hours around each change of the zone's offset, from 1990 to 2037."""
    day, days = datetime(1990, 1, 1), []
    while day.year < 2038:
        before, after = ((day + timedelta(days=d)).replace(tzinfo=ZoneInfo(zone)).utcoffset() for d in (0, 1))
        days += [day] if before != after or not days else []
        day += timedelta(days=1)
    steps = [timedelta(minutes=30 * n, microseconds=us) for n in range(-6, 57) for us in (-1, 0, 1)]
    return [day + step for day in days[:: max(1, len(days) // 8)] for step in steps]


def instants(spark: SparkSession, asked: Mapping[str, tuple[object, ...]]) -> dict[str, int]:
    """The instants of SQL literals, each with its timezone, ``date_is`` and ``prefer`` as far as given."""
    frame = spark.sql(f"SELECT {', '.join(asked)}")
    defaults = ("UTC", "end", "later")
    columns = [
        micros(F.col(f"`{field.name}`"), field.dataType, *options, *defaults[len(options) :])
        for field, options in zip(frame.toDF(*asked).schema, asked.values(), strict=True)
    ]
    (row,) = frame.toDF(*asked).select(*columns).collect()
    return dict(zip(asked, row, strict=True))


def test_local_times_have_the_readings_of_the_standard_library(spark: SparkSession):
    def in_zone(zone: str) -> DataFrame:
        walls = spark.createDataFrame([(wall,) for wall in walls_around_changes(zone)], "wall timestamp_ntz")
        both = [micros(F.col("wall"), TimestampNTZType(), zone, "end", prefer) for prefer in ("earlier", "later")]
        return walls.select(F.lit(zone).alias("zone"), "wall", F.array(*both).alias("instants"))

    rows = reduce(DataFrame.unionByName, map(in_zone, ZONES)).collect()
    wrong = [row for row in rows if row.instants != readings(row.wall, row.zone)]
    assert not wrong
    assert len({row.zone for row in rows if row.instants[0] != row.instants[1]}) == len(ZONES) - 2


def test_instants(spark: SparkSession):
    cases = {
        "TIMESTAMP'2024-03-01 12:00:00.000001Z'": ((None,), "2024-03-01T12:00:00.000001+00:00"),
        "TIMESTAMP_NTZ'2024-07-01 12:00:00'": (("Europe/London",), "2024-07-01T11:00:00+00:00"),
        "DATE'2024-07-01'": ((None,), "2024-07-01T23:59:59.999999+00:00"),
        "DATE'2024-07-02'": ((None, "start"), "2024-07-02T00:00:00+00:00"),
        "DATE'2024-07-03'": (("Europe/London",), "2024-07-03T22:59:59.999999+00:00"),
        "DATE'2024-07-04'": (("America/New_York", "start"), "2024-07-04T04:00:00+00:00"),
        "TIMESTAMP'0001-01-01 00:00:00Z'": ((None,), "0001-01-01T00:00:00+00:00"),
        "TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'": (("UTC",), "9999-12-31T23:59:59.999999+00:00"),
        "DATE'9999-12-31'": ((None,), "9999-12-31T23:59:59.999999+00:00"),
    }
    found = instants(spark, {literal: options for literal, (options, _) in cases.items()})
    assert found == {literal: instant(datetime.fromisoformat(text)) for literal, (_, text) in cases.items()}


def test_times_beyond_the_calendar_saturate_and_nulls_stay(spark: SparkSession):
    least, greatest = -(2**63), 2**63 - 1
    cases = {
        f"timestamp_micros({greatest})": LATEST,
        f"timestamp_micros({least})": EARLIEST,
        f"CAST(timestamp_micros({greatest}) AS TIMESTAMP_NTZ)": LATEST,
        f"CAST(timestamp_micros({least}) AS TIMESTAMP_NTZ)": EARLIEST,
        "date_from_unix_date(2147483647)": LATEST,
        "date_from_unix_date(-2147483648)": EARLIEST + DAY - 1,
        "CAST(NULL AS TIMESTAMP)": None,
        "CAST(NULL AS TIMESTAMP_NTZ)": None,
        "CAST(NULL AS DATE)": None,
    }
    assert instants(spark, dict.fromkeys(cases, ())) == cases


@pytest.mark.parametrize("prefer", ["earlier", "later"])
def test_the_ends_of_the_calendar_have_an_instant_in_every_zone(spark: SparkSession, prefer: str):
    ends = {"TIMESTAMP_NTZ'0001-01-01 00:00:00'": EARLIEST, "TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'": LATEST}
    for zone in ("Pacific/Kiritimati", "America/Adak"):
        found = instants(spark, dict.fromkeys(ends, (zone, "end", prefer)))
        assert all(0 < abs(found[end] - utc) < DAY for end, utc in ends.items())


def test_the_sessions_time_zone_does_not_matter(spark: SparkSession):
    asked = {"TIMESTAMP_NTZ'2024-03-10 02:30:00'": ("UTC",), "DATE'2024-03-10'": (None, "start")}
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")  # where clocks went forward over that time
    try:
        found = instants(spark, asked)
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    expected = datetime(2024, 3, 10, 2, 30, tzinfo=UTC), datetime(2024, 3, 10, tzinfo=UTC)
    assert list(found.values()) == [instant(moment) for moment in expected]


def test_a_time_without_a_zone_needs_one(spark: SparkSession):
    with pytest.raises(DataContractError, match=r"Time 'as_of': expected a time with a zone.*got timestamp_ntz"):
        micros(F.col("as_of"), TimestampNTZType(), None, "end", "earlier")


def test_only_times_are_times(spark: SparkSession):
    with pytest.raises(DataContractError, match="expected timestamp, timestamp_ntz or date, got int"):
        micros(F.col("n"), IntegerType(), "UTC", "end", "later")


@pytest.mark.parametrize("type", [TimestampType(), TimestampNTZType(), DateType()])
def test_an_unknown_zone_is_refused(spark: SparkSession, type: TimestampType):
    with pytest.raises(DefinitionError, match="expected an IANA zone, got 'Mars/Olympus'"):
        micros(F.col("t"), type, "Mars/Olympus", "end", "later")
