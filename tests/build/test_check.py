from __future__ import annotations

import pytest

from tillthen.build.check import check
from tillthen.define.errors import DataContractError
from tillthen.runtime.config import load_config


def run(team, *overrides):
    config = load_config(team.conf, overrides)
    return check(config, config.project())


def test_nothing_is_said_of_tables_that_fit(spark, team):
    assert run(team) == []


DISPUTES = """
disputes = Source("disputes", table="payments", event_time="opened")


@feature_set(source=disputes, entity="card")
def history(disputes):
    return disputes.select("card", "reason")
"""


def test_every_fault_of_every_source_comes_at_once(spark, team):
    team.declarations.write_text(team.declarations.read_text() + DISPUTES)
    team.pay([{"payment": "x", "card": 7, "at": "yesterday", "amount": 1.5}])
    with pytest.raises(DataContractError) as refused:
        run(team)
    for fault in (
        "'amount': expected bigint as declared, got double",
        "'card': expected string as declared, got bigint",
        "time 'at'",
        "Source 'disputes': the table lacks 'opened'",
        "Source 'disputes': the table lacks 'reason'",
    ):
        assert fault in str(refused.value)


def test_a_table_that_is_not_there_yet_is_named_and_no_fault(spark, team):
    (absent,) = run(team, f"tables.payments.path={team.root}/later.parquet")
    assert absent.startswith("Table 'payments': there is nothing at")
