"""The folds of a backtest as rows of a Delta table: what ran, from what, and what it gave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from tillthen.tables.lease import Check, unleased
from tillthen.tables.log import append, open_log, rows_of

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
        pa.field("sequence", pa.int64()),
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
    """The table, in a folder of the store that ``options`` are of; it only grows, and the newest row counts.

    The newest is the one of the greatest ``sequence``, which whoever holds the backtest's lease counts on: ``noted_at``
    is of some driver's clock, and says nothing of order. ``check`` is the lease's, before each commit.
    """

    path: str
    options: Mapping[str, str]
    check: Check = unleased

    def entries(self) -> dict[tuple[int, str], Entry]:
        """The newest entry of each fold and model."""
        found = {}
        # Rows of before turns were counted have no number, and only the order of their clocks.
        for row in sorted(self._rows(), key=lambda row: (row.get("sequence") or 0, row["noted_at"])):
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
        now, number = datetime.now(UTC), 1 + max((row.get("sequence") or 0 for row in self._rows()), default=0)
        rows = [
            {"fold": entry.fold, "model": entry.model, "hash": entry.hash, "status": entry.status, "run_id": run_id,
             "noted_at": now, "sequence": number, "counts": _json(entry.counts), "trained": _json(entry.trained),
             "metrics": _json(entry.metrics)}
            for entry in entries
        ]  # fmt: skip
        if rows:
            self.check()
            append(self.path, pa.Table.from_pylist(rows, SCHEMA), self.options)

    def _rows(self) -> list[dict[str, Any]]:
        log = open_log(self.path, self.options)
        return [] if log is None else list(rows_of(log).to_table().to_pylist())


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
