"""The clients beside Spark's have Spark's credentials; what they cannot read as Spark does is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.tables.mapping import map_columns
from tillthen.backtest.folds.ledger import FoldLedger
from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.define.sources.column_mapping import refuse_mapped
from tillthen.quality.history import History
from tillthen.tables.credentials import arguments, of_path, storage_options
from tillthen.tables.entries import read_entries
from tillthen.tables.kept_versions import kept_versions

OF_ALL = {"access.key": "A", "secret.key": "S", "session.token": "T", "endpoint.region": "eu-west-1"}
OWN = {"bucket.my.lake.access.key": "B", "bucket.my.lake.secret.key": "R", "bucket.my.lake.session.token": "U",
       "bucket.my.lake.endpoint": "http://minio:9000"}  # fmt: skip


def settings(given: dict[str, str]) -> dict[str, str]:
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in given.items()}


@pytest.mark.parametrize(
    ("given", "path", "key", "secret", "token", "endpoint"),
    [
        (OF_ALL, "s3a://other/x", "A", "S", "T", None),
        ({**OF_ALL, **OWN}, "s3a://other/x", "A", "S", "T", None),
        ({**OF_ALL, **OWN}, "s3a://my.lake/x", "B", "R", "U", "http://minio:9000"),
        (OWN, "s3a://my.lake", "B", "R", "U", "http://minio:9000"),
        (OWN, "s3a://other", None, None, None, None),
        # Keys of a bucket without a token are not completed by the token of all.
        ({**OF_ALL, "bucket.b.access.key": "B", "bucket.b.secret.key": "R"}, "s3a://b/x", "B", "R", None, None),
        ({}, "s3a://b/x", None, None, None, None),
    ],
)
def test_the_same_credentials_for_the_log_and_for_the_lease(given, path, key, secret, token, endpoint):
    found = of_path(path, storage_options(settings(given)))
    assert [found.get(f"AWS_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN",
                                                  "ENDPOINT_URL")] == [key, secret, token, endpoint]  # fmt: skip
    assert found.get("AWS_ALLOW_HTTP") == ("true" if endpoint else None)
    asked = arguments(path, settings(given))
    assert (asked["aws_access_key_id"], asked["aws_secret_access_key"], asked["aws_session_token"],
            asked["endpoint_url"]) == (key, secret, token, endpoint)  # fmt: skip


@pytest.mark.parametrize("name", ["assumed.role.arn", "bucket.my.lake.assumed.role.arn"])
def test_a_role_that_spark_alone_would_assume_is_refused(name):
    with pytest.raises(ConfigurationError, match="only Spark's own client would assume the role"):
        storage_options(settings({name: "arn:aws:iam::1:role/x"}))


def test_a_table_whose_columns_are_mapped_is_refused_where_its_reader_would_give_nulls(tmp_path: Path):
    write_deltalake(tmp_path, pa.table({"card": ["a", "b"]}))
    refuse_mapped(DeltaTable(tmp_path))
    map_columns(tmp_path, {"card": "holder"})
    with pytest.raises(DataContractError, match="maps its columns .*name.*, which is read by Spark alone"):
        refuse_mapped(DeltaTable(tmp_path))


READ = {
    "the ledger of days": lambda path: read_entries(path, {}),
    "what gates found": lambda path: History(path, {}).read(),
    "versions that are kept": lambda path: kept_versions(str(Path(path).parent), {}),
    "the ledger of folds": lambda path: FoldLedger(path, {}).entries(),
}


@pytest.mark.parametrize("what", READ)
def test_a_small_table_of_ours_that_was_mapped_is_refused_rather_than_read_as_nulls(tmp_path: Path, what: str):
    path = tmp_path / "_pins"
    columns = ("path", "version", "reason", "result", "sequence", "status", "meanings", "definitions_hash")
    write_deltalake(path, pa.table({name: ["1"] for name in columns}))
    map_columns(path, {"path": "reason", "reason": "path"})
    with pytest.raises(DataContractError, match="maps its columns"):
        READ[what](str(path))
