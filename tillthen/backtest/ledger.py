"""The folds of a backtest as rows of a Delta table: what ran, from what, and what it gave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from tillthen.tables.log import open_log

SCHEMA = pa.schema(
    [
        pa.field("fold", pa.int32()),
        pa.field("model", pa.string()),
        pa.field("hash", pa.string()),
        pa.field("status", pa.string()),
        pa.field("counts", pa.string()),
        pa.field("trained", pa.string()),
        pa.field("metrics", pa.string()),
        pa.field("run_id", pa.string()),
        pa.field("noted_at", pa.timestamp("us", "UTC")),
    ]
)
STARTED, SCORED, EVALUATED = "started", "scored", "evaluated"


@dataclass(frozen=True)
class Entry:
    """One model in one fold: ``hash`` is over everything that decides its scores, and empty while these are written.

    ``counts`` are the rows of the fold's windows by the state of their labels; ``trained`` is what the report says of
    the model, with the thresholds that were fitted before the test; ``metrics`` come with the evaluation.
    """

    fold: int
    model: str
    hash: str
    status: str
    counts: Mapping[str, Any]
    trained: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FoldLedger:
    """The table, in a folder of the store that ``options`` are of; it only grows, and the newest row counts."""

    path: str
    options: Mapping[str, str]

    def entries(self) -> dict[tuple[int, str], Entry]:
        """The newest entry of each fold and model."""
        log = open_log(self.path, self.options)
        rows = [] if log is None else pa.table(log.to_pyarrow_table()).to_pylist()
        found = {}
        for row in sorted(rows, key=lambda row: row["noted_at"]):
            kept = {name: json.loads(row[name]) for name in ("counts", "trained", "metrics")}
            found[row["fold"], row["model"]] = Entry(row["fold"], row["model"], row["hash"], row["status"], **kept)
        return found

    def void(self, parts: Sequence[tuple[int, str]], run_id: str) -> None:
        """Note, before the scores of folds and models are replaced, that what they were scored from stands no longer.

        A run that dies before it notes what it wrote leaves them to be scored again.
        """
        self.note([Entry(fold, model, "", STARTED, {}, {}) for fold, model in parts], run_id)

    def note(self, entries: Sequence[Entry], run_id: str) -> None:
        """Add entries, in one commit."""
        now = datetime.now(UTC)
        rows = [
            {"fold": entry.fold, "model": entry.model, "hash": entry.hash, "status": entry.status, "run_id": run_id,
             "noted_at": now, "counts": _json(entry.counts), "trained": _json(entry.trained),
             "metrics": _json(entry.metrics)}
            for entry in entries
        ]  # fmt: skip
        if rows:
            write_deltalake(self.path, pa.Table.from_pylist(rows, SCHEMA), mode="append",
                            storage_options=dict(self.options))  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
