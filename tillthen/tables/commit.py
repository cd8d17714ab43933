"""What a table's commit says about the build that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.tables.days import Days, parse
from tillthen.tables.log import history, storage_options, table_of

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyspark.sql import SparkSession

PARTITION = "as_of_date"
"""The column by which feature tables are partitioned: the day of ``as_of`` in UTC."""


@dataclass(frozen=True)
class Commit:
    """Kept in the commit's ``userMetadata``: with it the same build can be made again.

    ``inputs`` holds the pin of each source's table, by its name: see `tillthen.tables.pins.Pin`. ``span`` is the first
    and the last day that were built, None where the whole table was; ``meanings`` a hash for each feature; ``restated``
    whether rows count as known since they claim to be, however late they landed. ``started_at`` is when the run began
    with it, in ISO 8601.
    """

    run_id: str
    code_hash: str
    definitions_hash: str
    inputs: Mapping[str, Mapping[str, object]]
    product: str
    span: tuple[str, str] | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    restated: bool = False
    started_at: str = ""

    def json(self) -> str:
        """The text that goes into the commit."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def days(self) -> Days | None:
        """The days that were built; None for the whole table."""
        return None if self.span is None else Days(*map(parse, self.span))


@dataclass(frozen=True)
class Version:
    """A table's version, the rows that it wrote, its commit (None where another writer made it), and the table's id."""

    number: int
    rows: int | None
    commit: Commit | None
    table: str = ""


MAINTENANCE = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES")
"""Operations of Delta that change no row."""
STEPS = (10, 1_000)
"""How many commits are looked at for one that changed rows, before all are."""


def latest_version(spark: SparkSession, path: str, where: str = "Delta") -> Version:
    """The newest version of the Delta table in a folder."""
    log, entries = _history(spark, path, where, 1)
    return _version(entries[0], log)


def rows_version(spark: SparkSession, path: str, upto: int, where: str = "Delta") -> Version:
    """The version that wrote the rows that a table holds at version ``upto``: the newest until then but maintenance.

    Commits that came after ``upto`` are none of its.
    """
    for most in (*STEPS, None):
        log, entries = _history(spark, path, where, most)
        for entry in entries:
            if int(entry["version"]) <= upto and entry["operation"] not in MAINTENANCE:
                return _version(entry, log)
    raise ConfigurationError(
        sentence(f"{where}: the log of {path} no longer says what wrote its version {upto}", fix="Build it again.")
    )


def _history(spark: SparkSession, path: str, where: str, most: int | None) -> tuple[DeltaTable, list[dict[str, Any]]]:
    found = history(path, storage_options(dict(spark.sparkContext.getConf().getAll())), most=most)
    if found is None:
        raise ConfigurationError(
            sentence(f"{where}: there is no Delta table at {path}", fix="Correct the table's path or format.")
        )
    return found


def _version(entry: Mapping[str, Any], log: DeltaTable) -> Version:
    rows = (entry.get("operationMetrics") or {}).get("numOutputRows")
    return Version(int(entry["version"]), None if rows is None else int(rows), commit_of(entry.get("userMetadata")),
                   table_of(log))  # fmt: skip


def by_path(path: str) -> str:
    """A Delta table in SQL by its folder instead of a catalogue's name."""
    return f"delta.{quoted(path)}"


def commit_of(text: str | None) -> Commit | None:
    """The commit in a version's ``userMetadata``; None where another writer made it."""
    try:
        given = json.loads(text or "null")
        return Commit(**{**given, "span": given.get("span") and tuple(given["span"])})
    except (AttributeError, TypeError, ValueError):
        return None
