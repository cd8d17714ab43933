"""The configurations that come with the project."""

from pathlib import Path

import pytest

from tillthen.runtime.config import load_config
from tillthen.runtime.session import FIXED

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", sorted((ROOT / "conf").glob("*.yaml")), ids=lambda path: path.stem)
def test_it_loads_with_its_declarations_and_names_the_tables_that_they_read(path):
    config = load_config(path)
    project = config.project()
    read = {part.table for table in project.tables.values() for source in table.sources for part in source.read}
    read |= {backtest.label.source.table for backtest in project.backtests.values()}
    assert project.tables
    assert set(config.tables) <= read
    assert not set(config.spark) & set(FIXED)


def test_a_cluster_reads_and_writes_its_bucket_and_keeps_its_executors():
    config = load_config(ROOT / "conf" / "emr.yaml")
    assert {config.warehouse, *(table.path for table in config.tables.values())} == {
        "s3a://BUCKET/tillthen/warehouse",
        "s3a://BUCKET/payments/authorizations",
        "s3a://BUCKET/payments/disputes",
    }
    assert config.spark["spark.dynamicAllocation.enabled"] == "false"
