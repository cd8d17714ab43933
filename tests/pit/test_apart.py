"""`point_in_time` in an analyst's own session: another zone, no ANSI mode, old rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from tillthen import Source, count, days, feature_set, last, mean, point_in_time, sum
from tillthen.define.faults.errors import DataContractError
from tillthen.runtime.own_session import active
from tillthen.runtime.settings import GENERATED_FILTERS

SETTINGS = {
    "spark.sql.session.timeZone": "Asia/Tokyo",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "LEGACY",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.shuffle.partitions": "3",
}
PAYMENTS = Source("payments", id="id", event_time="at", columns={"amount": "int"})
TEXTS = {
    "hour": "hour(at)",
    "night": "at < timestamp'2024-01-02 00:30:00'",
    "morning": "at < '2024-01-02 00:30:00'",
    "said": "cast(at AS string)",
    "day": "date_trunc('day', at)",
    "date": "cast(at AS date)",
    "coded": "to_timestamp(code, 'yyyyMMdd HHmm')",
    "told": "unix_timestamp(code, 'yyyyMMdd HHmm')",
    "written": "date_format(at, 'yyyy-MM-dd HH:mm')",
    "added": "amount + '1'",
    "either": "coalesce(amount, '7')",
    "share": "amount / 3",
    "tried": "try_cast(code AS int)",
    "exact": "cast(amount AS decimal(38, 18)) * cast(amount AS decimal(38, 18))",
    "slash": r"code RLIKE '^\\d+'",
    "kept": "amount DIV 2",
}


@feature_set(source=PAYMENTS, entity="card")
def cards(rows):
    return rows.where("hour(at) < 20").select("card", "amount", **TEXTS)


cards.features(
    count(where="hour(at) < 6", name="early").over(days(9)),
    mean("amount").over(days(9)),
    *[last(name).over(days(9)) for name in TEXTS],
)
cards.derive(
    hour_of_row="hour(as_of)",
    row_said="cast(as_of AS string)",
    quotient="cards__mean_amount_9d / 3",
    day_of_row="date_trunc('day', as_of)",
)

START = datetime(2024, 1, 1, 14, tzinfo=UTC)
ROWS = [(i, "a", START + timedelta(hours=5 * i), 10 + i, f"2024010{i} 0{i}00") for i in range(1, 6)]
SCHEMA = "id long, card string, at timestamp_ltz, amount int, code string"


def asked(session, sets=(cards,)):
    table = session.createDataFrame(ROWS, SCHEMA)
    spine = table.selectExpr("id AS row", "card", "at AS as_of")
    return point_in_time(spine, list(sets), sources={"payments": table})


def told(frame):
    """Every value by its bits, times in UTC."""
    return sorted(pa.Table.from_batches(frame._collect_as_arrow()).to_pylist(), key=lambda row: row["row"])


@pytest.fixture
def tokyo(spark) -> Iterator[SparkSession]:
    session = spark.newSession()
    for key, value in SETTINGS.items():
        session.conf.set(key, value)
    with active(session):  # createDataFrame would leave it the active one for the tests after it
        yield session


def test_frames_that_are_used_after_the_call_have_the_bits_of_utc(spark, tokyo):
    expected, found = asked(spark), asked(tokyo)
    assert expected.dtypes == found.dtypes
    assert told(found) == told(expected)
    assert found.sparkSession is not tokyo
    assert expected.sparkSession is spark
    assert {key: tokyo.conf.get(key) for key in SETTINGS} == SETTINGS
    assert found.sparkSession.conf.get("spark.sql.shuffle.partitions") == "3"
    assert found.sparkSession.conf.get(GENERATED_FILTERS) == "false"


def test_the_sessions_own_views_are_read(spark, tokyo):
    tokyo.createDataFrame(ROWS, SCHEMA).createOrReplaceTempView("payments")
    spine = tokyo.createDataFrame(ROWS, SCHEMA).selectExpr("id AS row", "card", "at AS as_of")
    assert told(point_in_time(spine, [cards])) == told(asked(spark))


def test_what_overflows_is_an_error_in_every_session(spark, tokyo):
    @feature_set(source=PAYMENTS, entity="card")
    def large(rows):
        return rows.select("card", large="amount + 2147483640")

    large.features(sum("large").over(days(9)))
    for session in (spark, tokyo):
        with pytest.raises(Exception, match="ARITHMETIC_OVERFLOW"):
            asked(session, [large]).collect()


def test_settings_stand_when_the_call_raises(spark, tokyo):
    spine = tokyo.createDataFrame(ROWS, SCHEMA).selectExpr("id AS row", "at AS as_of")
    table = tokyo.createDataFrame(ROWS, SCHEMA)
    before = SparkSession.getActiveSession()
    with pytest.raises(DataContractError, match="The spine lacks 'card'"):
        point_in_time(spine, [cards], sources={"payments": table})
    assert {key: tokyo.conf.get(key) for key in SETTINGS} == SETTINGS
    assert SparkSession.getActiveSession() is before
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
