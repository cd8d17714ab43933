"""The nightly work on S3: a local server, skipped where 'make s3' has not fetched what it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from benchmarks.measure import Result, save
from tests.materialize.drivers import driver
from tests.materialize.nightly import business, night, warehouse
from tests.tables.test_lease import held_by
from tillthen.define.faults.errors import ConfigurationError
from tillthen.tables.kept_versions import keep, kept_versions
from tillthen.tables.lease import leased
from tillthen.tables.ledger import Ledger
from tillthen.tables.log import storage_options
from tillthen.tables.register import S3Register, open_register

ROOT = Path(__file__).parents[2]
JARS, RESULTS = ROOT / ".jars-s3", ROOT / "benchmarks" / "results.json"
moto = pytest.importorskip("moto.server", reason="moto is not installed: run 'make s3'")
KEYS = {"endpoint.region": "us-east-1", "access.key": "testing", "secret.key": "testing"}


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """Spark's settings for a server that lives as long as the tests, with a bucket."""
    server = moto.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    found = {f"spark.hadoop.fs.s3a.{name}": value for name, value in KEYS.items()}
    found |= {"spark.hadoop.fs.s3a.endpoint": f"http://{host}:{port}", "spark.hadoop.fs.s3a.path.style.access": "true"}
    register = open_register("s3a://warehouse", "none", found)
    assert isinstance(register, S3Register)
    register._client.create_bucket(Bucket="warehouse")
    yield found
    server.stop()


def test_a_register_changes_by_compare_and_swap(s3):
    register = open_register("s3a://warehouse/a", "lease.json", s3)
    first = register.swap("1", None)
    assert register.read() == ("1", first)
    assert register.swap("2", None) is None
    second = register.swap("2", first)
    assert second is not None
    assert register.swap("3", first) is None
    assert register.read() == ("2", second)


def test_a_lease_is_held_and_followed(s3):
    register = open_register("s3a://warehouse/b", "lease.json", s3)
    with leased(register, "first", seconds=60), pytest.raises(ConfigurationError, match="Run first"):
        leased(register, "second", seconds=60).__enter__()
    held_by(register, host="elsewhere", expires=0.0)
    with leased(register, "next", seconds=60, seen_ended="other") as lease:
        lease.check()


def test_pins_that_are_kept_at_once_are_all_there(s3):
    """Delta has no lock on S3; the small tables' writer puts a commit only where there is none of its number."""
    options = storage_options(s3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: keep("s3a://warehouse/d", options, {"cards": n}, "a model"), range(12)))
    assert kept_versions("s3a://warehouse/d", options) == {"cards": set(range(12))}


@pytest.mark.long
@pytest.mark.skipif(not JARS.exists(), reason="S3A's jars are not there: run 'make s3'")
def test_a_night_a_backfill_and_two_drivers_on_s3(s3, tmp_path, monkeypatch):
    world = business(3, 10, seed=2)
    for number in range(3):
        world.land(tmp_path / "tables", number)
    config = warehouse(tmp_path / "team", tmp_path / "tables")
    monkeypatch.setenv("TILLTHEN_JARS", str(JARS))
    monkeypatch.chdir(tmp_path)
    settings = [part for name, value in s3.items() for part in ("--set", f"{name}={value}")]
    settings += ["--set", "warehouse=s3a://warehouse/c"]
    code, output = driver(config, "nightly", *settings, "--date", str(night(1))).done()
    assert code == 0, output
    assert "s3a://warehouse/c/cards: 2024-03-02" in output
    span = ("cards", "--from", str(night(0)), "--to", str(night(2)), "--chunk", "1")
    both = [driver(config, "backfill", *settings, *span, "--wait", "120") for _ in range(2)]
    ends = [one.done() for one in both]
    assert [code for code, _ in ends] == [0, 0], ends
    options = storage_options(s3)
    table = DeltaTable("s3a://warehouse/c/cards", storage_options=options)
    assert (table.version(), table.to_pyarrow_table().num_rows) == (2, 30 - late(world))
    ledger = Ledger("s3a://warehouse/c/_ledger/cards", "s3a://warehouse/c/cards", options).days()
    assert sorted(ledger) == [night(number) for number in range(3)]
    lease = json.loads(open_register("s3a://warehouse/c", "_leases/cards.json", s3).read()[0])
    assert lease["ended"]
    save(RESULTS, [Result("the nightly work on S3A", 1.0, "a night, a backfill, two drivers", holds=True,
                          detail="moto; hadoop-aws of runtime/ivy; 3 nights, 3 commits, each once in table and ledger")
                   ])  # fmt: skip


def late(world) -> int:
    """Payments that landed after their night."""
    rows = [row for batch in world.payments for row in batch]
    return sum(row["landed"].date() > row["at"].date() + timedelta(days=1) for row in rows)
