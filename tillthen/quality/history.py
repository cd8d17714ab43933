"""What gates found on earlier nights, kept in a Delta table of the warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tillthen.quality.results import GateResult
from tillthen.tables.log import append, open_log, rows_of

SCHEMA = pa.schema([("subject", pa.string()), ("expectation", pa.string()), ("day", pa.string()),
                    ("verdict", pa.string()), ("result", pa.string()), ("sequence", pa.int64())])  # fmt: skip


@dataclass(frozen=True)
class History:
    """The results in the Delta table ``path``; ``options`` are of its store."""

    path: str
    options: Mapping[str, str]

    def read(self) -> list[GateResult]:
        """All results, oldest night first; of those of one night the last is the last that was judged."""
        found = [(row.get("sequence") or 0, GateResult.of(json.loads(row["result"]))) for row in self._rows()]
        return [one for _, one in sorted(found, key=lambda kept: (kept[1].ended, kept[0], kept[1].run_id))]

    def append(self, results: Sequence[GateResult]) -> None:
        """Keep the results of a night, in one commit; whose turn it is to write counts them, no clock."""
        number = 1 + max((row.get("sequence") or 0 for row in self._rows()), default=0)
        rows = [{"subject": one.subject, "expectation": one.expectation, "day": one.day, "verdict": one.verdict,
                 "result": json.dumps(one.facts(), sort_keys=True), "sequence": number} for one in results]  # fmt: skip
        if rows:
            append(self.path, pa.Table.from_pylist(rows, SCHEMA), self.options)

    def _rows(self) -> list[dict[str, Any]]:
        log = open_log(self.path, self.options)
        if log is None:
            return []
        names = {"result", "sequence"} & {field.name for field in log.schema().fields}
        return list(rows_of(log).to_table(columns=sorted(names)).to_pylist())
