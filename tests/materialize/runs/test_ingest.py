from __future__ import annotations

import pytest

from tests.tables.thief import take
from tillthen.define.faults.errors import ConfigurationError, UsageError
from tillthen.materialize.runs import ingest as ingesting
from tillthen.materialize.runs.ingest import ingest
from tillthen.runtime.config import Config
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.tables.lease import leased
from tillthen.tables.register import open_register


@pytest.fixture
def config(tmp_path):
    nowhere = DatabaseConfig(url="jdbc:postgresql://127.0.0.1:1/none", table="payments")
    return Config(root=tmp_path, warehouse=str(tmp_path), databases={"payments": nowhere})


def test_a_landing_has_a_lease(spark, config):
    register = open_register(config.warehouse, "_leases/_landed/payments.json", {})
    with leased(register, "other", seconds=60), pytest.raises(ConfigurationError, match="Run other .* holds"):
        ingest(config)
    with pytest.raises(ConfigurationError, match="Connection to 127.0.0.1:1 refused"):
        ingest(config)


def test_an_unknown_database_is_named(config):
    with pytest.raises(UsageError, match="'databases' has no 'payment'. Did you mean 'payments'?"):
        ingest(config, ["payment"])


def test_a_landing_is_told_that_its_lease_was_taken_over(spark, config, monkeypatch):
    def landing(spark, config, name, check):
        take(config, "_landed/payments")
        check()

    monkeypatch.setattr(ingesting, "land", landing)
    with pytest.raises(ConfigurationError, match="lost its lease"):
        ingest(config)
