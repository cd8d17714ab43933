"""What must stay readable, and what may go: pinned versions, compaction, vacuum."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tillthen.tables.lease import Check, unleased
from tillthen.tables.log import at_version, open_log

LEAST_HOURS = 7 * 24
"""Readers and writers that are under way may still use what a newer version has replaced."""

LOG_STAYS = {"delta.logRetentionDuration": "interval 36500 days"}
"""A version whose entry in the log is gone cannot be read, even with all its files; Delta drops them after 30 days."""


@dataclass(frozen=True)
class Maintained:
    """What maintenance did to a table, or would do: files removed and put together, versions kept for pins."""

    path: str
    removed: int
    compacted: int
    kept_versions: tuple[int, ...]
    dry_run: bool


def maintain(
    path: str, options: Mapping[str, str], keep: Collection[int], *, hours: int = LEAST_HOURS, dry_run: bool = True,
    enforce: bool = True, check: Check = unleased,
) -> Maintained | None:  # fmt: skip
    """Put small files together, and remove those that no version needs that is current, pinned or young.

    Files that a killed run has left, and that no version knows, go too once they are old enough. A table with versions
    to keep gets the property that keeps its log, which Spark 3.5 does not set when it makes one.

    Parameters
    ----------
    keep
        Versions that stay readable however old they are; those that the log does not have are passed over.
    hours
        The age at which an unpinned version may go; Delta refuses less than a week unless ``enforce`` is false.
    dry_run
        Only say what would go.
    check
        Called before each commit: the lease's.

    Returns None where there is no table.
    """
    log = open_log(path, options)
    if log is None:
        return None
    there = (version for version in sorted(set(keep)) if version >= 0)
    kept = tuple(version for version in there if at_version(path, options, version) is not None)
    check()
    if kept and not dry_run and not LOG_STAYS.items() <= log.metadata().configuration.items():
        log.alter.set_table_properties(LOG_STAYS)
    check()
    compacted = 0 if dry_run else int(log.optimize.compact()["numFilesRemoved"])
    check()
    removed = log.vacuum(
        hours, dry_run=dry_run, enforce_retention_duration=enforce, keep_versions=list(kept), full=True
    )
    # On a local disk Hadoop keeps checksums in hidden files, which nobody asked about.
    told = [file for file in removed if not file.rpartition("/")[2].startswith(".")]
    return Maintained(path, len(told), compacted, kept, dry_run)
