"""Bad input to a night: one clear error, noted in the ledger; the table stays as it was, and the next run goes on."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import PAYMENTS
from tillthen.define.faults.errors import DataContractError
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.build import Wanted, build
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days
from tillthen.tables.log import open_log

FIRST, SECOND, THIRD = (date(2024, 1, day) for day in (1, 2, 3))


def paid(payment, at, amount=1, card="a"):
    return {"payment": payment, "card": card, "at": at, "amount": amount}


NOON = datetime(2024, 1, 3, 12, tzinfo=UTC)


def run(team, first=None, last=None, **how):
    config = load_config(team.conf)
    days = Days(first, last or first) if first else None
    return build(config, config.project(), wanted=Wanted(days, **how))


def rows(spark, team):
    return sorted(map(str, spark.read.format("delta").load(f"{team.root}/wh/cards").collect()))


def store(team):
    config = load_config(team.conf)
    return Store(config, config.project().table("cards"))


@pytest.fixture
def standing(spark, team):
    """Two nights that stand; the check that they still do, and that the ledger says what failed."""
    run(team, FIRST, SECOND)
    before = rows(spark, team)

    def unharmed(said, day=THIRD):
        assert rows(spark, team) == before
        log = open_log(store(team).ledger.path, {})
        failed = [row for row in log.to_pyarrow_table().to_pylist() if row["status"] == "failed"]
        assert [row["day"] for row in failed] == [day]
        assert said in failed[0]["error"]
        assert set(store(team).ledger.days()) == {FIRST, SECOND}
        told = [json.loads(line) for line in (team.root / "wh/_runs/lineage.jsonl").read_text().splitlines()]
        assert [one["eventType"] for one in told] == ["START", "COMPLETE", "START", "FAIL"]

    return unharmed


def test_a_source_that_is_a_day_late_and_a_row_of_the_future_does_not_hide_it(spark, team, standing):
    team.pay([*PAYMENTS, paid(4, datetime(2199, 1, 1, tzinfo=UTC))])
    with pytest.raises(DataContractError, match="'payments' has not arrived: days up to 2024-01-03 are wanted, and"):
        run(team, THIRD)
    standing("has not arrived")
    team.pay([*PAYMENTS, paid(5, NOON)])
    (done,) = run(team, THIRD)
    assert (done.rows, len(rows(spark, team))) == (1, 4)


def test_an_empty_source(spark, team, standing):
    pq.write_table(pa.Table.from_pylist(PAYMENTS).slice(0, 0), team.root / "payments.parquet")
    with pytest.raises(DataContractError, match="its newest 'at' is of no day"):
        run(team, THIRD)
    standing("is of no day")
    with pytest.raises(DataContractError, match="holds no rows up to .* an empty table is not written"):
        run(team, replace=True)
    assert len(rows(spark, team)) == 3


def test_a_changed_type_that_is_declared(team, standing):
    team.pay([paid(5, NOON, 1.5)])
    with pytest.raises(DataContractError, match="'amount': expected bigint as declared, got double"):
        run(team, THIRD)
    standing("expected bigint as declared")


def test_a_changed_type_that_is_not_declared(spark, team):
    team.declarations.write_text(team.declarations.read_text().replace(', "amount": "bigint"', ""))
    run(team, FIRST, SECOND)
    before = rows(spark, team)
    team.pay([paid(4, NOON, 1.5)])
    with pytest.raises(DataContractError, match="column has changed its type: 'amount' is bigint and would be double"):
        run(team, THIRD)
    assert rows(spark, team) == before


def test_duplicate_ids(spark, team, standing):
    team.pay([*PAYMENTS, paid(4, NOON), paid(4, NOON, 2)])
    with pytest.raises(DataContractError, match="1 values of 'payment' have different rows"):
        run(team, THIRD)
    standing("have different rows")
    team.pay([*PAYMENTS, paid(4, NOON), paid(4, NOON)])
    (done,) = run(team, THIRD)
    assert (done.rows, done.facts["spine"]["duplicates_collapsed"]) == (1, 1)


def test_rows_of_days_that_are_not_over_are_left_to_these(spark, team):
    team.pay([*PAYMENTS, paid(4, datetime.now(UTC)), paid(5, datetime(2199, 1, 1, tzinfo=UTC))])
    (whole,) = run(team)
    assert (whole.rows, len(rows(spark, team))) == (3, 3)
    assert whole.warnings == ["Source 'payments': 2 rows are of days that are not over, and are left to these."]
    assert run(team) == []
