from __future__ import annotations

import pandas as pd
import pytest
from delta.tables import DeltaTable

from tests.simulate.conftest import configured, read
from tillthen.define.faults.errors import ConfigurationError
from tillthen.runtime.config import TableConfig
from tillthen.simulate.run import simulate, truth_path

TINY = {"cards": 20, "days": 5}


def test_running_again_replaces_every_table_by_the_same_rows(spark, tmp_path, capsys):
    config = configured(tmp_path, **TINY)
    tables = ("authorizations", "disputes", "merchants", "truth")

    def content():
        return [read(spark, config, name).sort_values(by=key, ignore_index=True) for name, key in zip(
            tables, ("authorization_id", "dispute_id", "merchant_id", "authorization_id"), strict=True)]  # fmt: skip

    simulate(config)
    first = content()
    simulate(config)
    for before, after in zip(first, content(), strict=True):
        pd.testing.assert_frame_equal(before, after, check_exact=True)
    path = config.table("authorizations").path
    assert [row.version for row in DeltaTable.forPath(spark, path).history().collect()] == [1, 0]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines] == [["simulate", name] for name in (
        "authorizations", "disputes", "truth", "merchants")] * 2  # fmt: skip
    assert f"{len(first[0])} rows" in lines[0]


def test_the_session_is_left_as_it_was(spark, tmp_path):
    key = "spark.sql.codegen.wholeStage"
    tests_own = spark.conf.get(key)
    spark.conf.set(key, "true")
    try:
        simulate(configured(tmp_path, **TINY))
        assert spark.conf.get(key) == "true"
    finally:
        spark.conf.set(key, tests_own)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"leak": TableConfig(path="{truth}")},
            r"Table 'leak' lies in .*, which holds the truth\. No feature may read",
        ),
        ({"leak": TableConfig(path="{truth}/part")}, r"Table 'leak' lies in"),
        (
            {"disputes": TableConfig(path="d", format="csv")},
            r"Table 'disputes' is simulated: expected format delta, got",
        ),
    ],
)
def test_a_table_that_is_the_truth_or_no_delta_is_refused_before_any_work(tmp_path, table, message):
    config = configured(tmp_path)
    placed = {name: t.model_copy(update={"path": t.path.format(truth=truth_path(config))}) for name, t in table.items()}
    with pytest.raises(ConfigurationError, match=message):
        simulate(config.model_copy(update={"tables": placed}))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_key_is_refused_before_any_work(tmp_path):
    with pytest.raises(ConfigurationError, match=r"^simulate: 'card' is not a setting\. Did you mean 'cards'\?$"):
        simulate(configured(tmp_path, card=3))
    assert list(tmp_path.iterdir()) == []
