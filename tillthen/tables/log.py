"""Delta logs without Spark: versions, commits, and how many rows each day holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from tillthen.define.faults.errors import ConfigurationError, DataContractError, sentence
from tillthen.define.sources.column_mapping import mapped, refuse_mapped
from tillthen.tables.credentials import of_path, storage_options

__all__ = ["append", "at_version", "files", "history", "open_log", "remade", "rows_by_day",
           "rows_of", "stands", "storage_options", "table_of"]  # fmt: skip

TRIES = 10
OF_FILE = ["path", "size_bytes", "num_records"]
"""What is said of a file whatever its columns are called."""


def open_log(path: str, options: Mapping[str, str], version: int | None = None) -> DeltaTable | None:
    """The log of the Delta table in a folder, at a version or at the newest; None where it has none."""
    try:
        return DeltaTable(path, version=version, storage_options=of_path(path, options))
    except TableNotFoundError:
        return None
    except DeltaError:
        newest = open_log(path, options) if version is not None else None
        if newest is None or newest.version() >= int(version or 0):
            raise
        return None  # the table was made anew since


def at_version(path: str, options: Mapping[str, str], version: int) -> DeltaTable | None:
    """The log of the Delta table in a folder at a version; None where there is none, or none any more."""
    try:
        return open_log(path, options, version)
    except DeltaError:
        return None  # the log has been cut behind it


def history(
    path: str, options: Mapping[str, str], *, after: int = -1, most: int | None = None
) -> tuple[DeltaTable, list[dict[str, Any]]] | None:
    """The newest log of the Delta table in a folder and its commits after a version, or the ``most`` newest of them.

    Newest first; None where there is no table. The reader counts versions down from that of the log it was opened
    with, though it lists the commits that came meanwhile too: so what it says holds only where none did.

    Raises
    ------
    ConfigurationError
        Other writers commit faster than their commits can be read.
    """
    for _ in range(TRIES):
        log = open_log(path, options)
        if log is None:
            return None
        count = log.version() - after if most is None else min(most, log.version() - after)
        entries = log.history(count)[:count] if count > 0 else []
        now = open_log(path, options)
        if now is not None and _state(now) == _state(log):
            return log, entries
    raise ConfigurationError(sentence(f"{path} is written all the time", fix="Run again once no other run writes it."))


def _state(log: DeltaTable) -> tuple[str, int]:
    return table_of(log), log.version()


def table_of(log: DeltaTable) -> str:
    """The id that Delta gave the table of a log: a table that was removed and made anew has another."""
    return str(log.metadata().id)


def remade(path: str, options: Mapping[str, str], version: int, table: str | None) -> bool:
    """Whether the Delta table that had this id at a version is another one now; False where the id is not known."""
    now = open_log(path, options) if table else None
    if now is None:
        return False
    then = at_version(path, options, version)
    return now.version() < version if then is None else table_of(then) != table


def stands(path: str, settings: Mapping[str, str]) -> bool:
    """Whether there is a Delta table in a folder; ``settings`` are Spark's."""
    return open_log(path, storage_options(settings)) is not None


def append(path: str, rows: pa.Table, options: Mapping[str, str]) -> None:
    """Add rows to the small Delta table in a folder, in one commit; columns that are new to it are added.

    Several may add at once, the table's first rows too: whose commit another's has overtaken writes it again.

    Raises
    ------
    ConfigurationError
        The disk is full, or the store cannot be written.
    """
    for left in reversed(range(TRIES)):
        try:
            return write_deltalake(
                path, rows, mode="append", schema_mode="merge", storage_options=of_path(path, options)
            )
        except (DeltaError, OSError) as error:
            if isinstance(error, CommitFailedError) and left:
                continue
            said = " ".join(str(error).split())
            fix = "Free some space or correct the store, and run again."
            raise ConfigurationError(sentence(f"{path} could not be written: {said}", fix=fix)) from None
    raise AssertionError("the last try returns or raises")


def files(log: DeltaTable) -> list[dict[str, object]]:
    """One dict for each file of the log's version: path, size, rows, partition values and bounds of its columns.

    Where columns have other names in the files, bounds stand under those, which may be another column's by now: they
    are left out.
    """
    found = pa.table(log.get_add_actions(flatten=True))
    return (found.select(OF_FILE) if mapped(log) else found).to_pylist()


def rows_of(log: DeltaTable) -> ds.Dataset:
    """The rows of the log's version, read without Spark.

    Raises
    ------
    DataContractError
        The table maps its columns.
    """
    refuse_mapped(log)
    return log.to_pyarrow_dataset()


def rows_by_day(log: DeltaTable, partition: str) -> dict[date, int]:
    """How many rows each day's partition holds."""
    refuse_mapped(log)
    counted: Counter[date] = Counter()
    for file in files(log):
        day = file[f"partition.{partition}"]
        rows = file["num_records"]
        if not isinstance(day, date) or not isinstance(rows, int):
            raise DataContractError(
                sentence(f"{log.table_uri}: file {file['path']} says no day or no number of rows",
                         fix="Only tillthen writes its tables; build it again with --replace.")
            )  # fmt: skip
        counted[day] += rows
    return dict(counted)
