"""What the last audit of a feature table found, for the report of a backtest that uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def last_audit(records: Path, table: str, version: int | None) -> dict[str, Any] | None:
    """The newest audit of the table at this version; None where there is none.

    ``rows`` and ``values`` were computed again by brute force, ``differences`` of them were not as stored.
    """
    for path in sorted(records.glob("_runs/*/audit.json"), reverse=True):
        try:
            audit = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for found in audit["tables"]:
            if (found["table"], found["version"]) == (table, version):
                return _facts(audit["run_id"], found)
    return None


def _facts(run_id: str, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "version": found["version"],
        "rows": sum(done["rows"] for done in found["sets"]),
        "values": sum(done["values"] + done["later"] for done in found["sets"]),
        "differences": sum(len(done["differences"]) for done in found["sets"]),
        "leaks": found["leaks"],
        "doubts": found["doubts"],
    }
