from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from tillthen.define.faults.errors import ConfigurationError
from tillthen.tables.retention import maintain


@pytest.fixture
def table(tmp_path):
    """Four versions of two rows, each in place of the one before, and a file that a killed run has left."""
    path = tmp_path / "cards"
    for version in range(4):
        rows = pa.table({"day": ["a", "b"], "n": [version, version]})
        write_deltalake(str(path), rows, mode="overwrite", partition_by=["day"])
    (path / "day=a" / "part-of-a-killed-run.parquet").write_bytes(b"half")
    return str(path)


def values(path, version=None):
    return DeltaTable(path, version=version).to_pyarrow_table()["n"].to_pylist()


def test_current_and_pinned_versions_stay_and_the_rest_goes(table):
    said = maintain(table, {}, {1, 99}, hours=0, enforce=False)
    assert said is not None
    assert (said.removed, said.kept_versions, said.dry_run) == (5, (1,), True)
    assert values(table, 0) == [0, 0]  # nothing happened
    gone = maintain(table, {}, {1, 99}, hours=0, enforce=False, dry_run=False)
    assert gone is not None
    assert gone.removed == 5
    assert (values(table, 1), values(table)) == ([1, 1], [3, 3])
    with pytest.raises((DeltaError, OSError)):
        values(table, 0)


def test_what_is_younger_than_a_week_stays(table):
    said = maintain(table, {}, ())
    assert said is not None
    assert said.removed == 0


def test_less_than_a_week_is_refused_unless_it_is_meant(table):
    with pytest.raises(DeltaError, match="168 hours"):
        maintain(table, {}, (), hours=1, dry_run=False)


def test_small_files_are_put_together(tmp_path):
    for n in range(3):
        write_deltalake(str(tmp_path / "t"), pa.table({"n": [n]}), mode="append")
    done = maintain(str(tmp_path / "t"), {}, (), dry_run=False)
    assert done is not None
    assert done.compacted == 3
    assert sorted(values(str(tmp_path / "t"))) == [0, 1, 2]


def test_where_there_is_no_table_there_is_nothing_to_do(tmp_path):
    assert maintain(str(tmp_path / "none"), {}, ()) is None


def test_nothing_is_put_together_or_removed_without_the_lease(table):
    def lost():
        raise ConfigurationError("lost")

    with pytest.raises(ConfigurationError, match="lost"):
        maintain(table, {}, {1}, hours=0, enforce=False, dry_run=False, check=lost)
    assert [values(table, version) for version in range(4)] == [[n, n] for n in range(4)]
    assert DeltaTable(table).version() == 3
