"""The ledger of a feature table: which run built which day, from what, by which definitions.

The commits of the feature table say it first, atomically with the rows; the ledger copies them, so that it outlives
the table's log, and repairs itself: what a killed run has committed and not yet noted, the next one notes.

Entries are in the order of the table's versions, whatever the clocks of those who noted them said. They stand for one
table, by the id that Delta gave it: of a table whose folder was removed nothing stands, and one that was made anew
starts anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from deltalake import DeltaTable

from tillthen.tables.commit import PARTITION, Commit, commit_of
from tillthen.tables.entries import BUILT, FAILED, REPLACED, Entry, append_entries, read_entries
from tillthen.tables.log import at_version, history, open_log, rows_by_day, table_of


@dataclass(frozen=True)
class Ledger:
    """The ledger in the Delta table ``path`` of the feature table in ``table``; ``options`` are of their store."""

    path: str
    table: str
    options: Mapping[str, str]

    def days(self, version: int | None = None) -> dict[date, Entry]:
        """The newest entry of each day that the table holds, now or as it was at a version."""
        log = open_log(self.table, self.options, version)
        if log is None:
            return {}
        found: dict[date, Entry] = {}
        for entry in _standing(self._entries(), table_of(log), log.version()):
            if entry.status == REPLACED:
                found.clear()
            elif entry.day is not None:
                found[entry.day] = entry
        return found

    def catch_up(self) -> None:
        """Note the commits of the feature table that are not noted yet."""
        log = open_log(self.table, self.options)
        if log is None:
            return
        entries = self._entries()
        read = history(self.table, self.options, after=self._noted_upto(log, entries))
        if read is not None:
            missing = [entry for version, at, commit in _commits(read[1]) for entry in self._noted(version, at, commit)]
            self._append(missing, entries)

    def fail(self, commit: Commit, error: str) -> None:
        """Note that a run could not build the days that it set out to, or the whole table."""
        days, now = commit.days or [None], datetime.now(UTC)
        self._append([replace(_entry(commit, day, FAILED, now), error=error) for day in days], self._entries())

    def _noted_upto(self, log: DeltaTable, entries: Sequence[Entry]) -> int:
        """The newest version of this table's log that is noted. A table that is replaced goes on under another id."""
        ours = [entry.version for entry in entries if entry.version is not None and entry.table == table_of(log)]
        if ours:
            return max(ours)
        noted = {entry.version: entry.table for entry in entries
                 if entry.version is not None and entry.version <= log.version() and entry.table}  # fmt: skip
        newest = max(noted, default=-1)
        then = at_version(self.table, self.options, newest) if noted else None
        return newest if then is not None and table_of(then) == noted[newest] else -1

    def _noted(self, version: int, at: datetime, commit: Commit) -> Iterator[Entry]:
        log = at_version(self.table, self.options, version)
        if log is None:
            return  # removed meanwhile, or its part of the log is gone
        rows, days = rows_by_day(log, PARTITION), commit.days
        common = replace(_entry(commit, None, BUILT, at), version=version, table=table_of(log))
        if days is None:
            yield replace(common, status=REPLACED)
        for day in sorted(rows) if days is None else days:
            yield replace(common, day=day, rows=rows.get(day, 0))

    def _append(self, missing: Sequence[Entry], entries: Sequence[Entry]) -> None:
        number = 1 + max((entry.sequence or 0 for entry in entries), default=0)
        known = {entry.definitions_hash for entry in entries if entry.meanings}
        append_entries(self.path, [replace(entry, sequence=number) for entry in missing], known, self.options)

    def _entries(self) -> list[Entry]:
        return read_entries(self.path, self.options)


def _standing(entries: Sequence[Entry], table: str, version: int) -> list[Entry]:
    """The entries of a table up to a version, in order; a table's replacement comes before its days.

    Those that were noted before ids were kept count where the table's log begins behind them.
    """
    ours = [one for one in entries if one.version is not None and one.version <= version and one.status != FAILED]
    first = min((one.version or 0 for one in ours if one.table == table), default=version + 1)
    kept = [one for one in ours if one.table == table or (one.table is None and (one.version or 0) < first)]
    return sorted(kept, key=lambda one: (one.version or 0, one.status != REPLACED))


def _commits(newest_first: Sequence[Mapping[str, object]]) -> Iterator[tuple[int, datetime, Commit]]:
    """The commits of builds, oldest first, with their times."""
    for entry in reversed(newest_first):
        commit = commit_of(str(entry.get("userMetadata")))
        if commit is not None:
            yield int(str(entry["version"])), datetime.fromtimestamp(int(str(entry["timestamp"])) / 1000, UTC), commit


def _entry(commit: Commit, day: date | None, status: str, at: datetime) -> Entry:
    return Entry(day, status, None, commit.run_id, commit.definitions_hash, commit.code_hash,
                 json.dumps(commit.meanings, sort_keys=True), json.dumps(commit.inputs, sort_keys=True),
                 commit.restated, None, _instant(commit.started_at), at)  # fmt: skip


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
