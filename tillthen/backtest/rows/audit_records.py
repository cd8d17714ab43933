"""The records of audits in their order, and what the last one of a feature table found, for backtests that use it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tillthen.runtime.status import write_status
from tillthen.tables.lease import Check
from tillthen.tables.pins import Pin

PLACE = "audits"
"""What audits take turns at, to count their records."""


def record(records: Path, run_id: str, facts: Mapping[str, Any], check: Check) -> Path:
    """Write an audit's record as the newest: after all that are there, whatever the clocks in their names say."""
    number = 1 + max((int(one.get("sequence", 0)) for one in _audits(records)), default=0)
    check()
    path = records / "_runs" / run_id / "audit.json"
    return write_status(path, {**facts, "run_id": run_id, "sequence": number})


def last_audit(records: Path, table: str, pin: Pin) -> dict[str, Any] | None:
    """The newest audit of the table at the version that is pinned; None where there is none.

    ``rows`` and ``values`` were computed again by brute force, ``differences`` of them were not as stored. An audit of
    a table that was removed and made anew since is none of this one's.
    """
    for audit in sorted(_audits(records), key=lambda one: (one.get("sequence", 0), one["run_id"]), reverse=True):
        for found in audit["tables"]:
            if (found["table"], found["version"], found.get("table_id")) == (table, pin.version, pin.table):
                return _facts(audit["run_id"], found)
    return None


def _audits(records: Path) -> Iterator[dict[str, Any]]:
    for path in records.glob("_runs/*/audit.json"):
        try:
            yield json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue


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
