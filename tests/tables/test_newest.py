from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake

from tillthen.tables.commit import Commit
from tillthen.tables.newest import newest


def commit(table: Path, *days: str, metadata: str | None = None, **told: str) -> None:
    """Add a row for each day, in a commit of a build that is told of, or of another writer."""
    if told:
        metadata = json.dumps(asdict(Commit(**{"code_hash": "c", "inputs": {}, "product": "1", **told})))  # type: ignore[arg-type]
    rows = pa.table(
        {"as_of_date": pa.array([date.fromisoformat(day) for day in days], pa.date32()), "n": [1] * len(days)}
    )
    properties = CommitProperties(custom_metadata={"userMetadata": metadata} if metadata else {})
    write_deltalake(str(table), rows, mode="append", partition_by=["as_of_date"], commit_properties=properties)


def test_nothing_where_there_is_no_table(tmp_path: Path):
    assert newest(str(tmp_path / "none"), {}) is None


def test_the_newest_build_behind_other_commits(tmp_path: Path):
    commit(tmp_path, "2026-03-01", run_id="a", definitions_hash="old")
    commit(tmp_path, "2026-03-02", "2026-03-03", run_id="b", definitions_hash="new")
    commit(tmp_path, "2026-03-02")
    commit(tmp_path, "2026-03-01", metadata="not JSON")
    found = newest(str(tmp_path), {})
    assert found is not None
    assert (found.version, found.run_id, found.definitions_hash, found.last_day) == (3, "b", "new", "2026-03-03")
    assert found.at.endswith("+00:00")


def test_a_table_that_another_writer_made(tmp_path: Path):
    commit(tmp_path, "2026-03-01", metadata='["x"]')
    found = newest(str(tmp_path), {})
    assert found is not None
    assert (found.version, found.run_id, found.last_day) == (0, None, None)
