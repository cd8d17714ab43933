"""Landing tables of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.tables.postgres import PASSWORD, Postgres, binaries, postgres
from tillthen import Source
from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.runtime.compat import SPARK_4
from tillthen.runtime.config import Config
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.sources.events.prepared import prepare
from tillthen.tables import landing
from tillthen.tables.landing import Landed, land
from tillthen.tables.pins import pin

INSTALLED = binaries()
pytestmark = [
    pytest.mark.skipif(INSTALLED is None, reason="no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql"),
    pytest.mark.skipif(not SPARK_4, reason="Spark 3.5 loses the zones of a database's times: ingest refuses it"),
]
PAYMENTS = (
    "DROP TABLE IF EXISTS payments",
    'CREATE TABLE payments ("Payment" bigint, card text, amount numeric(10,2), at timestamp, changed_at timestamptz)',
    "INSERT INTO payments SELECT n, 'c' || n % 3, n / 4.0, timestamp '2026-03-01 02:30' + n * interval '1 minute', "
    "timestamptz '2026-03-01 00:00:00.123456+00' + n * interval '1 minute' FROM generate_series(1, 100) n",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    assert INSTALLED is not None
    with postgres(INSTALLED) as running:
        yield running


@pytest.fixture
def config(server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("DB_USER", "owner")
    monkeypatch.setenv("DB_PASSWORD", PASSWORD)
    server.run(*PAYMENTS)
    return configured(tmp_path, server)


def configured(tmp_path: Path, server: Postgres, **changes: Any) -> Config:
    given = {"url": server.url, "table": "payments", "user": "DB_USER", "password": "DB_PASSWORD",
             "watermark": "changed_at", "partition_column": "Payment", "partitions": 3, **changes}  # fmt: skip
    return Config(root=tmp_path, warehouse=str(tmp_path), databases={"payments": DatabaseConfig(**given)})


def landed(spark: SparkSession, config: Config) -> dict[tuple[int, str], tuple[int, str]]:
    """(Payment, changed_at) of all rows that landed, with their landing and the rest."""
    rows = spark.read.format("delta").load(config.table("payments").path).collect()
    return {
        (row["Payment"], str(row["changed_at"])): (row["landing"], f"{row['card']} {row['amount']}") for row in rows
    }


def test_nothing_lands_without_the_lease(spark: SparkSession, config: Config):
    def lost() -> None:
        raise ConfigurationError("lost")

    with pytest.raises(ConfigurationError, match="lost"):
        land(spark, config, "payments", lost)
    assert land(spark, config, "payments").rows == 100


def test_a_first_landing_in_parts_and_the_increments_after_it(spark: SparkSession, server: Postgres, config: Config):
    before = datetime.now(UTC)
    first = land(spark, config, "payments")
    assert (first.rows, first.landing, str(first.upto)) == (100, 0, "2026-03-01 01:40:00.123456+00:00")
    table = spark.read.format("delta").load(first.path)
    micros = table.selectExpr("min(unix_micros(changed_at))", "max(unix_micros(landed_at))", "count(*)").first()
    assert micros is not None
    assert micros[0] == 1772323260123456
    assert micros[1] >= before.timestamp() * 1e6
    assert dict(table.dtypes) == {
        "Payment": "bigint", "card": "string", "amount": "decimal(10,2)", "at": "timestamp_ntz",
        "changed_at": "timestamp", "landed_at": "timestamp", "landing": "bigint",
    }  # fmt: skip
    assert land(spark, config, "payments").rows == 0
    _, pinned = pin(spark, config.table("payments"), "payments")
    server.run(
        "UPDATE payments SET amount = 7, changed_at = '2026-03-02 00:00+00' WHERE \"Payment\" = 5",
        # The very instant of the watermark, and one that committed late, below it.
        "INSERT INTO payments VALUES (101, 'x', 1, '2026-03-01', '2026-03-01 01:40:00.123456+00')",
        "INSERT INTO payments VALUES (102, 'late', 1, '2026-03-01', '2026-03-01 01:30+00')",
    )
    second = land(spark, config, "payments")
    assert (second.rows, second.landing) == (2, 1)
    rows = landed(spark, config)
    assert rows[5, "2026-03-02 00:00:00"] == (1, "c2 7.00")
    assert rows[5, "2026-03-01 00:05:00.123456"] == (0, "c2 1.25")
    assert len(rows) == 102
    assert spark.read.format("delta").options(**pinned.options).load(pinned.path).count() == 100


def test_an_overlap_finds_what_committed_late_and_nothing_lands_twice(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path
):
    land(spark, config, "payments")
    server.run("INSERT INTO payments VALUES (102, 'late', 1, '2026-03-01', '2026-03-01 01:30+00')")
    assert land(spark, configured(tmp_path, server, overlap="5m"), "payments").rows == 0
    assert land(spark, configured(tmp_path, server, overlap="15m"), "payments").rows == 1


def test_a_serial_number_as_watermark(spark: SparkSession, server: Postgres, config: Config, tmp_path: Path):
    serial = configured(tmp_path, server, watermark="Payment", overlap=10, bounds=(40, 60))
    assert land(spark, serial, "payments").upto == 100
    server.run("DELETE FROM payments WHERE \"Payment\" < 50; INSERT INTO payments SELECT 101, 'x'")
    assert land(spark, serial, "payments").rows == 1


def test_without_a_watermark_what_has_not_landed_lands(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path
):
    whole = configured(tmp_path, server, watermark=None, table=None, query="SELECT card, amount FROM payments",
                       partition_column=None)  # fmt: skip
    assert land(spark, whole, "payments").rows == 100
    server.run('UPDATE payments SET amount = 999 WHERE "Payment" IN (1, 2)')
    assert land(spark, whole, "payments").rows == 2


def test_an_empty_table_lands_empty(spark: SparkSession, server: Postgres, config: Config):
    server.run("TRUNCATE payments")
    first = land(spark, config, "payments")
    assert (first.rows, first.upto) == (0, None)
    server.run("INSERT INTO payments VALUES (1, 'x', 1, '2026-03-01', '2026-03-01')")
    assert land(spark, config, "payments").rows == 1


def test_times_without_a_zone_need_a_declared_one(spark: SparkSession, config: Config):
    land(spark, config, "payments")
    frame = spark.read.format("delta").load(config.table("payments").path)
    source = Source("payments", id="Payment", event_time="at", known_time="changed_at", versions=True)
    with pytest.raises(DataContractError, match="time 'at': expected a time with a zone, or a declared timezone"):
        prepare(frame, source, [])
    events = prepare(frame, replace(source, timezone="Asia/Tokyo"), []).frame
    first = events.where("`Payment` = 1").first()
    assert first is not None
    # 02:31 in Tokyo is 17:31 of the day before.
    assert datetime.fromtimestamp(first["__event_time"] / 1e6, UTC) == datetime(2026, 2, 28, 17, 31, tzinfo=UTC)


def test_two_landings_at_once(spark: SparkSession, server: Postgres, config: Config, monkeypatch: pytest.MonkeyPatch):
    land(spark, config, "payments")
    server.run("INSERT INTO payments VALUES (101, 'x', 1, '2026-03-01', '2026-03-05')")
    inner: list[Landed] = []
    append = landing._append

    def other_first(*arguments: Any) -> None:
        monkeypatch.setattr(landing, "_append", append)
        inner.append(land(spark, config, "payments"))
        append(*arguments)

    monkeypatch.setattr(landing, "_append", other_first)
    with pytest.raises(DataContractError, match="was landed by another run at the same time. Run again"):
        land(spark, config, "payments")
    assert (inner[0].rows, len(landed(spark, config))) == (1, 101)
    assert land(spark, config, "payments").rows == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table": "paymnts"}, 'relation "paymnts" does not exist'),
        ({"watermark": "changed"}, 'column "changed" does not exist'),
        ({"partition_column": "payment"}, 'column "payment" does not exist'),
        ({"user": "DB_PASSWORD"}, r'FATAL: password authentication failed for user "\*\*\*"'),
        ({"password": "NOT_SET"}, "its password: expected in the variable NOT_SET, got none. Set NOT_SET"),
        ({"url": "jdbc:postgresql://127.0.0.1:1/postgres"}, "Connection to 127.0.0.1:1 refused"),
        ({"url": "jdbc:nosuch:x"}, "there is no JDBC driver for jdbc:nosuch:x"),
        ({"query": "SELECT 1 AS landed_at", "table": None, "watermark": None, "partition_column": None},
         "the name 'landed_at' is reserved"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(
    spark: SparkSession, server: Postgres, config: Config, tmp_path: Path, changes: dict[str, Any], said: str
):
    with pytest.raises((ConfigurationError, DataContractError), match=said) as refused:
        land(spark, configured(tmp_path, server, **changes), "payments")
    assert "\n" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_rows_without_a_watermark(spark: SparkSession, server: Postgres, config: Config):
    server.run('UPDATE payments SET changed_at = NULL WHERE "Payment" < 4')
    with pytest.raises(DataContractError, match=r'watermark "changed_at" is null in 3 rows'):
        land(spark, config, "payments")


def test_columns_that_have_changed(spark: SparkSession, server: Postgres, config: Config):
    land(spark, config, "payments")
    server.run("ALTER TABLE payments ALTER amount TYPE double precision, ADD extra int")
    with pytest.raises(
        DataContractError, match="'amount' decimal.10,2. to double, 'extra' absent to int. Keep the old"
    ):
        land(spark, config, "payments")


def test_an_overlap_of_the_wrong_kind(spark: SparkSession, server: Postgres, config: Config, tmp_path: Path):
    land(spark, config, "payments")
    with pytest.raises(ConfigurationError, match="'overlap': expected a duration such as '15m', got 5"):
        land(spark, configured(tmp_path, server, overlap=5), "payments")
