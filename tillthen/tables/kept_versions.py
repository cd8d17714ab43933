"""Versions of tables that something still needs: kept as small files in the warehouse, which maintenance respects."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from tillthen.tables.log import append, open_log, rows_of

FOLDER = "_pins"


def keep(warehouse: str, options: Mapping[str, str], versions: Mapping[str, int], reason: str) -> None:
    """Keep versions of tables, by their paths, and say for what."""
    rows = [{"path": path, "version": version, "reason": reason} for path, version in versions.items()]
    schema = pa.schema([("path", pa.string()), ("version", pa.int64()), ("reason", pa.string())])
    append(f"{warehouse}/{FOLDER}", pa.Table.from_pylist(rows, schema), options)


def kept_versions(warehouse: str, options: Mapping[str, str]) -> dict[str, set[int]]:
    """The versions that are kept, by the path of their table."""
    log = open_log(f"{warehouse}/{FOLDER}", options)
    found: dict[str, set[int]] = {}
    for row in [] if log is None else rows_of(log).to_table().to_pylist():
        found.setdefault(row["path"], set()).add(row["version"])
    return found
