"""What a table's commit says about the build that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from tillthen.define.errors import ConfigurationError, sentence
from tillthen.define.rows import quoted
from tillthen.tables.days import Days, parse
from tillthen.tables.log import open_log, storage_options

if TYPE_CHECKING:
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
    """A table's version, the rows that it wrote, and its commit; None where another writer made it."""

    number: int
    rows: int | None
    commit: Commit | None


MAINTENANCE = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES")
"""Operations of Delta that change no row."""


def latest_version(spark: SparkSession, path: str, where: str = "Delta", *, rows_only: bool = False) -> Version:
    """The newest version of the Delta table in a folder, or with ``rows_only`` the newest that changed rows."""
    log = open_log(path, storage_options(dict(spark.sparkContext.getConf().getAll())))
    if log is None:
        raise ConfigurationError(
            sentence(f"{where}: there is no Delta table at {path}", fix="Correct the table's path or format.")
        )
    entries = log.history(None if rows_only else 1)
    entry = next(one for one in entries if not (rows_only and one["operation"] in MAINTENANCE))
    rows = (entry.get("operationMetrics") or {}).get("numOutputRows")
    return Version(int(entry["version"]), None if rows is None else int(rows), commit_of(entry.get("userMetadata")))


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
