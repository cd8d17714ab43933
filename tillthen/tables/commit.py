"""What a table's commit says about the build that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pyspark.sql import SparkSession

from tillthen.define.rows import quoted


@dataclass(frozen=True)
class Commit:
    """Kept in the commit's ``userMetadata``: with it the same build can be made again.

    ``inputs`` holds the pin of each source's table, by its name: see `tillthen.tables.pins.Pin`.
    """

    run_id: str
    code_hash: str
    definitions_hash: str
    inputs: Mapping[str, Mapping[str, object]]
    product: str

    def json(self) -> str:
        """The text that goes into the commit."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Version:
    """A table's version, the rows that it wrote, and its commit; None where another writer made it."""

    number: int
    rows: int | None
    commit: Commit | None


def latest_version(spark: SparkSession, path: str) -> Version:
    """The newest version of the Delta table in a folder."""
    entry = spark.sql(f"DESCRIBE HISTORY {by_path(path)} LIMIT 1").first()
    assert entry is not None, f"{path} has no history"
    metrics = entry["operationMetrics"] or {}
    rows = metrics.get("numOutputRows")
    return Version(entry["version"], None if rows is None else int(rows), _commit(entry["userMetadata"]))


def by_path(path: str) -> str:
    """A Delta table in SQL by its folder instead of a catalogue's name."""
    return f"delta.{quoted(path)}"


def _commit(text: str | None) -> Commit | None:
    try:
        return Commit(**json.loads(text or "null"))
    except (TypeError, ValueError):
        return None
