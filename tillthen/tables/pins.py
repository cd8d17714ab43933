"""Pins: which version of a table was read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256

from pyspark.sql import SparkSession

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.runtime.config import TableConfig
from tillthen.sources.reading.unreadable import readable
from tillthen.tables.commit import latest_version
from tillthen.tables.log import at_version, remade, storage_options, table_of

AS_OF_VERSION = "versionAsOf"


@dataclass(frozen=True)
class Pin:
    """A Delta table's ``version``, or the ``fingerprint`` of a folder's files: their paths, sizes and times of change.

    Only the first can be read again after the table has changed; the second says whether it has. ``table`` is the id
    that Delta gave the table: one that was removed and made anew counts its versions from 0 again, under another id.
    """

    path: str
    format: str
    version: int | None = None
    fingerprint: str | None = None
    table: str | None = None

    def facts(self) -> dict[str, object]:
        """Its fields, without those that are not set."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def pin(spark: SparkSession, table: TableConfig, name: str) -> tuple[Pin, TableConfig]:
    """What the named table is now, and the configuration that reads exactly that."""
    with readable(f"Table '{name}'", table.path):
        if table.format != "delta":
            return Pin(table.path, table.format, fingerprint=_fingerprint(spark, table)), table
        given = table.options.get(AS_OF_VERSION)
        newest = latest_version(spark, table.path, f"Table '{name}'")
    version = newest.number if given is None else int(given)
    options = {**table.options, AS_OF_VERSION: str(version)}
    found = Pin(table.path, table.format, version, table=_table(spark, table.path, version) if given else newest.table)
    return found, table.model_copy(update={"options": options})


def pinned(spark: SparkSession, table: TableConfig, pin: Pin, name: str) -> TableConfig:
    """The configuration that reads the named table as it was pinned; what has changed since is refused.

    Raises
    ------
    DataContractError
        Files have changed, or a Delta table was removed and made anew.
    """
    at = table.model_copy(update={"path": pin.path, "format": pin.format})
    if pin.version is not None:
        _refuse_other(spark, pin, name)
        return at.model_copy(update={"options": {**table.options, AS_OF_VERSION: str(pin.version)}})
    with readable(f"Table '{name}'", pin.path):
        now = _fingerprint(spark, at)
    if now != pin.fingerprint:
        raise DataContractError(
            sentence(f"Table '{name}' at {pin.path} has changed since it was read", expected=pin.fingerprint, got=now,
                     fix="Build again; only Delta tables keep their older versions.")
        )  # fmt: skip
    return at


def _refuse_other(spark: SparkSession, pin: Pin, name: str) -> None:
    """Refuse a version of another table in the pin's place; one that is gone is told by whoever reads it."""
    version, options = int(str(pin.version)), storage_options(dict(spark.sparkContext.getConf().getAll()))
    if remade(pin.path, options, version, pin.table):
        raise DataContractError(
            sentence(f"Table '{name}' at {pin.path} was removed and made anew since its version {version} was read",
                     fix="Restore it from a backup, or build with --replace from what is there now.")
        )  # fmt: skip


def _table(spark: SparkSession, path: str, version: int) -> str | None:
    log = at_version(path, storage_options(dict(spark.sparkContext.getConf().getAll())), version)
    return None if log is None else table_of(log)


def _fingerprint(spark: SparkSession, table: TableConfig) -> str:
    """16 hex digits over the files under a path, and what their columns are called; their contents are not read."""
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(table.path)
    rows = files.select("path", "length", "modificationTime").collect()
    names = [f"{old} {new}" for old, new in sorted(table.rename.items())]
    return sha256("\n".join([*sorted(str(tuple(row)) for row in rows), *names]).encode()).hexdigest()[:16]
