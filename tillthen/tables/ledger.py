"""The ledger of a feature table: which run built which day, from what, by which definitions.

The commits of the feature table say it first, atomically with the rows; the ledger copies them, so that it outlives
the table's log, and repairs itself: what a killed run has committed and not yet noted, the next one notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

import pyarrow as pa
from deltalake import DeltaTable

from tillthen.tables.commit import PARTITION, Commit, commit_of
from tillthen.tables.log import append, open_log, rows_by_day

SCHEMA = pa.schema(
    [
        pa.field("day", pa.date32()),
        pa.field("status", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("run_id", pa.string()),
        pa.field("definitions_hash", pa.string()),
        pa.field("code_hash", pa.string()),
        pa.field("meanings", pa.string()),
        pa.field("inputs", pa.string()),
        pa.field("restated", pa.bool_()),
        pa.field("version", pa.int64()),
        pa.field("started_at", pa.timestamp("us", "UTC")),
        pa.field("committed_at", pa.timestamp("us", "UTC")),
        pa.field("error", pa.string()),
    ]
)
BUILT, REPLACED, FAILED = "built", "replaced", "failed"


@dataclass(frozen=True)
class Entry:
    """A day of a feature table as a run built it.

    ``status`` is "built"; "replaced", without a day, where a commit put the whole table in place of the one before;
    or "failed", without a version and with the ``error``, ``committed_at`` being when. ``meanings`` (a hash for each
    column) and ``inputs`` (pins) are JSON; ``restated`` says that the sources' claims of known times were believed.
    """

    day: date | None
    status: str
    rows: int | None
    run_id: str
    definitions_hash: str
    code_hash: str
    meanings: str
    inputs: str
    restated: bool
    version: int | None
    started_at: datetime | None
    committed_at: datetime
    error: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The ledger in the Delta table ``path`` of the feature table in ``table``; ``options`` are of their store."""

    path: str
    table: str
    options: Mapping[str, str]

    def days(self) -> dict[date, Entry]:
        """The newest entry of each day that the table holds."""
        found: dict[date, Entry] = {}
        for entry in self._entries():
            if entry.status == REPLACED:
                found.clear()
            elif entry.status == BUILT and entry.day is not None:
                found[entry.day] = entry
        return found

    def catch_up(self) -> None:
        """Note the commits of the feature table that are not noted yet."""
        log = open_log(self.table, self.options)
        if log is None:
            return
        noted = max((entry.version for entry in self._entries() if entry.version is not None), default=-1)
        missing = [entry for version, at, commit in _commits(log, noted) for entry in self._noted(version, at, commit)]
        self._append(missing)

    def fail(self, commit: Commit, error: str) -> None:
        """Note that a run could not build the days that it set out to, or the whole table."""
        days, now = commit.days or [None], datetime.now(UTC)
        self._append([_entry(commit, day, FAILED, None, None, now, error) for day in days])

    def _noted(self, version: int, at: datetime, commit: Commit) -> Iterator[Entry]:
        log = open_log(self.table, self.options, version)
        rows = {} if log is None else rows_by_day(log, PARTITION)
        if commit.days is None:
            yield _entry(commit, None, REPLACED, None, version, at)
        for day in sorted(rows) if commit.days is None else commit.days:
            yield _entry(commit, day, BUILT, rows.get(day, 0), version, at)

    def _append(self, entries: Sequence[Entry]) -> None:
        if entries:
            append(self.path, pa.Table.from_pylist([asdict(entry) for entry in entries], SCHEMA), self.options)

    def _entries(self) -> list[Entry]:
        """All entries in the order of their commits; a table's replacement comes before its days."""
        log = open_log(self.path, self.options)
        rows = [] if log is None else pa.table(log.to_pyarrow_table()).to_pylist()
        entries = [Entry(**row) for row in rows]
        return sorted(entries, key=lambda one: (one.committed_at, one.version or -1, one.status != REPLACED))


def _commits(log: DeltaTable, after: int) -> Iterator[tuple[int, datetime, Commit]]:
    """The commits of builds after a version, oldest first, with their times."""
    newer = log.history(log.version() - after) if log.version() > after else []
    for entry in sorted(newer, key=lambda one: int(one["version"])):
        commit = commit_of(entry.get("userMetadata"))
        if commit is not None:
            yield entry["version"], datetime.fromtimestamp(entry["timestamp"] / 1000, UTC), commit


def _entry(
    commit: Commit, day: date | None, status: str, rows: int | None, version: int | None, at: datetime,
    error: str | None = None,
) -> Entry:  # fmt: skip
    return Entry(day, status, rows, commit.run_id, commit.definitions_hash, commit.code_hash,
                 json.dumps(commit.meanings, sort_keys=True), json.dumps(commit.inputs, sort_keys=True),
                 commit.restated, version, _instant(commit.started_at), at, error)  # fmt: skip


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
