"""The newest build of a Delta table, out of its log: no Spark, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tillthen.tables.commit import PARTITION, commit_of
from tillthen.tables.log import files, history, storage_options

BEHIND = 100
"""How many commits of others, such as maintenance, a build is looked for behind."""


@dataclass(frozen=True)
class Newest:
    """A table's newest version, when it was written, and the newest one of a build of this product's.

    Parameters
    ----------
    version, at
        Of the newest commit; ``at`` in ISO 8601, UTC.
    run_id, definitions_hash
        Of the newest build; None where there is none among the newest commits.
    last_day
        The last day that the table holds; None where a build is not its writer.
    """

    version: int
    at: str
    run_id: str | None = None
    definitions_hash: str | None = None
    last_day: str | None = None


def newest(path: str, settings: Mapping[str, str]) -> Newest | None:
    """What the log in the folder ``path`` says; None where there is no table. ``settings`` are Spark's."""
    found = history(path, storage_options(settings), most=BEHIND)
    if found is None:
        return None
    log, entries = found
    at = datetime.fromtimestamp(entries[0]["timestamp"] / 1000, UTC).isoformat(timespec="seconds")
    commits = [commit for entry in entries if (commit := commit_of(entry.get("userMetadata")))]
    if not commits:
        return Newest(log.version(), at)
    days = [str(day) for file in files(log) if (day := file.get(f"partition.{PARTITION}"))]
    return Newest(log.version(), at, commits[0].run_id, commits[0].definitions_hash, max(days, default=None))
