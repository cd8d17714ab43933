"""The rows of a ledger of days, read and written: what the definitions mean is kept once, not with each day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable

from tillthen.tables.log import append, open_log, rows_of

SCHEMA = pa.schema(
    [
        pa.field("day", pa.date32()),
        pa.field("status", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("run_id", pa.string()),
        pa.field("definitions_hash", pa.string()),
        pa.field("code_hash", pa.string()),
        pa.field("meanings", pa.string()),
        pa.field("inputs", pa.string()),
        pa.field("restated", pa.bool_()),
        pa.field("version", pa.int64()),
        pa.field("started_at", pa.timestamp("us", "UTC")),
        pa.field("committed_at", pa.timestamp("us", "UTC")),
        pa.field("error", pa.string()),
        pa.field("table", pa.string()),
        pa.field("sequence", pa.int64()),
    ]
)
BUILT, REPLACED, FAILED, DEFINED = "built", "replaced", "failed", "defined"
"""The last is the status of a row that says what the definitions of a hash mean, and nothing of a day."""


@dataclass(frozen=True)
class Entry:
    """A day of a feature table as a run built it.

    ``status`` is "built"; "replaced", without a day, where a commit put the whole table in place of the one before;
    or "failed", without a version and with the ``error``, ``committed_at`` being when. ``meanings`` (a hash for each
    column) and ``inputs`` (pins) are JSON; ``restated`` says that the sources' claims of known times were believed.
    ``table`` is the id that Delta gave the table of ``version``; None where it was noted before ids were kept.
    ``sequence`` counts the turns in which entries were noted: their order, which ``committed_at``, by some driver's
    clock, is not.
    """

    day: date | None
    status: str
    rows: int | None
    run_id: str
    definitions_hash: str
    code_hash: str
    meanings: str
    inputs: str
    restated: bool
    version: int | None
    started_at: datetime | None
    committed_at: datetime
    error: str | None = None
    table: str | None = None
    sequence: int | None = None


def read_entries(path: str, options: Mapping[str, str]) -> list[Entry]:
    """The entries in the Delta table ``path``; those of equal definitions share one text of ``meanings``."""
    log = open_log(path, options)
    if log is None:
        return []
    rows = rows_of(log)
    names = [field.name for field in rows.schema if field.name != "meanings"]
    meanings = dict(_meanings(log))
    found = rows.to_table(columns=names, filter=ds.field("status") != DEFINED).to_pylist()
    return [Entry(**row, meanings=meanings.get(row["definitions_hash"], "")) for row in found]


def append_entries(path: str, entries: Sequence[Entry], known: Collection[str], options: Mapping[str, str]) -> None:
    """Add entries in one commit, with the meanings of definitions whose hash is not ``known`` there yet."""
    new = {one.definitions_hash: one for one in entries if one.definitions_hash not in known}
    defined = [replace(one, day=None, rows=None, status=DEFINED, version=None, error=None) for one in new.values()]
    rows = [*(asdict(one) for one in defined), *(asdict(one) | {"meanings": None} for one in entries)]
    if rows:
        append(path, pa.Table.from_pylist(rows, SCHEMA), options)


def _meanings(log: DeltaTable) -> Iterator[tuple[str, str]]:
    """Definitions' hashes with what they mean, a batch at a time: older ledgers repeat them with each day."""
    asked = rows_of(log).scanner(columns=["definitions_hash", "meanings"],
                                             filter=ds.field("meanings").is_valid(), batch_size=100)  # fmt: skip
    for batch in asked.to_batches():
        yield from {row["definitions_hash"]: row["meanings"] for row in batch.to_pylist()}.items()
