"""Delta tables whose columns have other names in their files."""

from __future__ import annotations

from deltalake import DeltaTable

from tillthen.define.faults.errors import DataContractError, sentence


def mapped(log: DeltaTable) -> bool:
    """Whether columns may have other names in the table's files."""
    return _mode(log) != "none"


def refuse_mapped(log: DeltaTable) -> None:
    """Raise `DataContractError` for a table with column mapping: delta-rs' Arrow reader gives nulls for its columns."""
    if mapped(log):
        what = f"{log.table_uri} maps its columns (delta.columnMapping.mode={_mode(log)}), which is read by Spark alone"
        fix = "Keep it as a source's table, or write it anew without the property."
        raise DataContractError(sentence(what, fix=fix))


def _mode(log: DeltaTable) -> str:
    return str(log.metadata().configuration.get("delta.columnMapping.mode", "none"))
