"""Tables as frames: Delta, Parquet and CSV."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import ConfigurationError, DataContractError, did_you_mean, sentence
from tillthen.runtime.config import TableConfig
from tillthen.sources.reading.bounds import with_nan
from tillthen.sources.reading.text import as_text
from tillthen.sources.reading.unreadable import readable

_STRICT = {"header": "true", "inferSchema": "false", "mode": "FAILFAST", "enforceSchema": "false",
           "columnPruning": "false"}  # fmt: skip
"""Of CSV: no guesses, and each line of each file has the header's fields, even if they are not used."""


def read_table(spark: SparkSession, table: TableConfig, name: str) -> DataFrame:
    """The named table; nothing but its schema is read yet.

    The columns of a CSV file are text that remembers its file; `tillthen.sources.events.prepared.prepare` turns them
    into the types that a source declares.

    Raises
    ------
    ConfigurationError
        There is no table at the path.
    DataContractError
        It cannot be read, or has times in nanoseconds, which Spark does not have.
    """
    where = f"Table '{name}'"
    options = table.options | (_STRICT if table.format == "csv" else {})
    with readable(where, table.path):
        frame = spark.read.format(table.format).options(**options).load(table.path)
    if not frame.columns:
        raise DataContractError(sentence(f"{where}: {table.path} has no columns", fix="Write it with a header line."))
    frame = _renamed(frame, table, where)
    return as_text(frame, table.path) if table.format == "csv" else with_nan(frame)


def _renamed(frame: DataFrame, table: TableConfig, where: str) -> DataFrame:
    """The frame with the names that declarations use."""
    if not table.rename:
        return frame
    lacks = [name for name in table.rename if frame.columns.count(name) != 1]
    names = [table.rename.get(name, name) for name in frame.columns]
    if lacks:
        raise ConfigurationError(sentence(f"{where} 'rename': {table.path} lacks '{lacks[0]}'",
                                          fix=did_you_mean(lacks[0], frame.columns)))  # fmt: skip
    taken = [name for name in table.rename.values() if [one.lower() for one in names].count(name.lower()) > 1]
    if taken:
        raise ConfigurationError(sentence(f"{where} 'rename': {table.path} has '{taken[0]}' already",
                                          fix="Choose another name."))  # fmt: skip
    return frame.toDF(*names)
