"""What gates found on earlier nights, kept in a Delta table of the warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tillthen.quality.results import GateResult
from tillthen.tables.log import append, open_log

SCHEMA = pa.schema([("subject", pa.string()), ("expectation", pa.string()), ("day", pa.string()),
                    ("verdict", pa.string()), ("result", pa.string())])  # fmt: skip


@dataclass(frozen=True)
class History:
    """The results in the Delta table ``path``; ``options`` are of its store."""

    path: str
    options: Mapping[str, str]

    def read(self) -> list[GateResult]:
        """All results, oldest night first; of those of one night the last is the last that was judged."""
        log = open_log(self.path, self.options)
        rows = [] if log is None else log.to_pyarrow_table(columns=["result"]).to_pylist()
        found = [GateResult.of(json.loads(row["result"])) for row in rows]
        return sorted(found, key=lambda one: (one.end, one.run_id))

    def append(self, results: Sequence[GateResult]) -> None:
        """Keep the results of a night, in one commit."""
        rows = [{"subject": one.subject, "expectation": one.expectation, "day": one.day, "verdict": one.verdict,
                 "result": json.dumps(one.facts(), sort_keys=True)} for one in results]  # fmt: skip
        if rows:
            append(self.path, pa.Table.from_pylist(rows, SCHEMA), self.options)
