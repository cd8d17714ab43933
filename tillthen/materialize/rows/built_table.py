"""A feature table as it was built, from the definitions of today."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.tables.meaning import definitions_hash
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.planning.missing import refuse_changed, stale_days
from tillthen.materialize.planning.store import Store
from tillthen.runtime.config import Config, TableConfig
from tillthen.sources.reading.read import read_table
from tillthen.tables.commit import Commit, Version, rows_version
from tillthen.tables.pins import Pin, pin


@dataclass(frozen=True)
class BuiltTable:
    """A table at one version, and the commit of the build that wrote it."""

    frame: DataFrame
    pin: Pin
    version: Version
    commit: Commit


def open_built(spark: SparkSession, config: Config, table: FeatureTable, where: str) -> BuiltTable:
    """The table's newest version; one with a day that was built by other definitions is refused.

    Rows, commit and days are of that one version, whatever another run writes meanwhile.
    """
    store = Store(config, table)
    pinned, reading = pin(spark, TableConfig(format="delta", path=store.path), table.name)
    at = int(str(pinned.version))
    version = rows_version(spark, store.path, at, where)
    store.ledger.catch_up()
    days = store.ledger.days(at)
    refuse_changed(table, days)
    stale = stale_days(table, days)
    if version.commit is None or stale:
        raise DataContractError(
            sentence(f"{where}: table '{table.name}' holds days of other definitions",
                     expected=definitions_hash(table), got=", ".join(map(str, stale)) or "a commit of another writer",
                     fix=f"Run 'tillthen build {table.name}'.")
        )  # fmt: skip
    return BuiltTable(read_table(spark, reading, table.name), pinned, version, version.commit)
