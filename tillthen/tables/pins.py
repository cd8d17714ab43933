"""Pins: which version of a table was read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256

from pyspark.sql import SparkSession

from tillthen.define.errors import DataContractError, sentence
from tillthen.runtime.config import TableConfig
from tillthen.sources.unreadable import readable
from tillthen.tables.commit import latest_version

AS_OF_VERSION = "versionAsOf"


@dataclass(frozen=True)
class Pin:
    """A Delta table's ``version``, or the ``fingerprint`` of a folder's files: their paths, sizes and times of change.

    Only the first can be read again after the table has changed; the second says whether it has.
    """

    path: str
    format: str
    version: int | None = None
    fingerprint: str | None = None

    def facts(self) -> dict[str, object]:
        """Its fields, without those that are not set."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def pin(spark: SparkSession, table: TableConfig, name: str) -> tuple[Pin, TableConfig]:
    """What the named table is now, and the configuration that reads exactly that."""
    with readable(f"Table '{name}'", table.path):
        if table.format != "delta":
            return Pin(table.path, table.format, fingerprint=_fingerprint(spark, table.path)), table
        given = table.options.get(AS_OF_VERSION)
        version = latest_version(spark, table.path, f"Table '{name}'").number if given is None else int(given)
    options = {**table.options, AS_OF_VERSION: str(version)}
    return Pin(table.path, table.format, version), table.model_copy(update={"options": options})


def pinned(spark: SparkSession, table: TableConfig, pin: Pin, name: str) -> TableConfig:
    """The configuration that reads the named table as it was pinned; files that have changed since are refused."""
    at = table.model_copy(update={"path": pin.path, "format": pin.format})
    if pin.version is not None:
        return at.model_copy(update={"options": {**table.options, AS_OF_VERSION: str(pin.version)}})
    with readable(f"Table '{name}'", pin.path):
        now = _fingerprint(spark, pin.path)
    if now != pin.fingerprint:
        raise DataContractError(
            sentence(f"Table '{name}' at {pin.path} has changed since it was read", expected=pin.fingerprint, got=now,
                     fix="Build again; only Delta tables keep their older versions.")
        )  # fmt: skip
    return at


def _fingerprint(spark: SparkSession, path: str) -> str:
    """16 hex digits over the files under a path; their contents are not read."""
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(path)
    rows = files.select("path", "length", "modificationTime").collect()
    return sha256("\n".join(sorted(str(tuple(row)) for row in rows)).encode()).hexdigest()[:16]
