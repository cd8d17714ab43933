"""Landing a database's table in the warehouse: what was read once can be read again, by version.

The landing table is a Delta table that only grows: the database's columns, and when each row came. A row that changed
in the database lands again, beside its older state, so that a source over it declares ``versions=True`` and the time of
change as its known time. Rows that were deleted in the database stay.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from secrets import token_hex

from delta.exceptions import DeltaConcurrentModificationException
from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType, TimestampType

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.runtime.config import Config
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.runtime.failures import storage_errors
from tillthen.sources.events.identity import row_key
from tillthen.sources.reading.database import Increment, answering, increment, marks
from tillthen.sources.reading.marks import Mark, mark_of
from tillthen.tables.commit import by_path
from tillthen.tables.lease import Check, unleased

LANDED_AT, LANDING = "landed_at", "landing"
"""When a row's landing was written, and that landing's number. Number 0 is the history that was there at the start."""


@dataclass(frozen=True)
class Landed:
    """What one landing added, and the watermark up to which all has landed; nothing was written for 0 rows."""

    name: str
    path: str
    rows: int
    landing: int
    upto: Mark | None

    def facts(self) -> dict[str, object]:
        """What JSON holds of it."""
        return {**asdict(self), "upto": _text(self.upto)}


def land(spark: SparkSession, config: Config, name: str, check: Check = unleased) -> Landed:
    """Append the rows of the database table ``name`` that have not landed yet, in one commit; before it ``check``.

    Killed at any moment, it has written all of them or none, and the next run goes on from the greatest watermark that
    has landed.

    Raises
    ------
    ConfigurationError
        The database, the login or the entry in the configuration is wrong.
    DataContractError
        The table's columns have changed, or another run landed at the same time: nothing was written.
    """
    database, path = config.databases[name], config.table(name).path
    where = f"Database table '{name}'"
    standing = spark.read.format("delta").load(path) if DeltaTable.isDeltaTable(spark, path) else None
    landing, mark = (0, None) if standing is None else _reached(standing, path, database)
    wanted = increment(spark, database, name, mark)
    _refuse_columns(wanted.frame.schema, standing, path, where)
    with answering(where, database), storage_errors(path):
        rows = _not_landed(wanted, standing, database).persist()
        try:
            count = rows.count()
            if count or standing is None:
                check()
                _append(rows, path, name, landing, wanted, database.watermark)
        finally:
            rows.unpersist()
    return Landed(name, path, count, landing, wanted.upto)


def _reached(standing: DataFrame, path: str, database: DatabaseConfig) -> tuple[int, Mark | None]:
    """The number of the next landing, and the watermark that the last one reached, as its commit says.

    Rows whose watermark lay beyond now have landed too, so that the table's greatest one may be one of theirs. None
    where no commit says it of this watermark: all rows are compared then.
    """
    (last,) = marks(standing.agg(F.max(LANDING)))
    landing = int(str(last or 0)) + 1
    if database.watermark is None or database.watermark not in standing.columns:
        return landing, None
    history = standing.sparkSession.sql(f"DESCRIBE HISTORY {by_path(path)}").orderBy(F.desc("version"))
    for row in history.where("userMetadata IS NOT NULL").select("userMetadata").collect():
        told = json.loads(row["userMetadata"])
        if told.get("upto") and told.get("watermark") == database.watermark:
            return landing, mark_of(told["upto"], standing.schema[database.watermark].dataType)
    return landing, None


def _not_landed(wanted: Increment, standing: DataFrame | None, database: DatabaseConfig) -> DataFrame:
    """The rows of an increment whose content has not landed; with a watermark only its reach is compared."""
    if standing is None:
        return wanted.frame
    names = wanted.frame.columns
    reach = standing if wanted.since is None else standing.where(_at_least(standing, database, wanted.since))
    known = reach.select(row_key(names).alias("__key"))
    return wanted.frame.withColumn("__key", row_key(names)).join(known, "__key", "left_anti").drop("__key")


def _at_least(standing: DataFrame, database: DatabaseConfig, since: Mark) -> Column:
    column = quoted(str(database.watermark))
    return F.col(column) >= F.lit(since).cast(standing.schema[str(database.watermark)].dataType)


def _append(rows: DataFrame, path: str, name: str, landing: int, wanted: Increment, watermark: str | None) -> None:
    """One commit. Its number makes two runs of the same landing conflict: Delta admits an application's number once."""
    run = token_hex(8)
    reached = {"since": _text(wanted.since), "upto": _text(wanted.upto), "watermark": watermark}
    told = json.dumps({"landing": landing, "run": run, **reached})
    stamped = rows.select("*", F.lit(datetime.now(UTC)).cast(TimestampType()).alias(LANDED_AT),
                          F.lit(landing).cast("bigint").alias(LANDING))  # fmt: skip
    writer = stamped.write.format("delta").mode("append").option("userMetadata", told)
    lost = sentence(f"Database table '{name}' was landed by another run at the same time", fix="Run again.")
    try:
        writer.option("txnAppId", f"landing of {name}").option("txnVersion", str(landing)).save(path)
    except DeltaConcurrentModificationException:
        raise DataContractError(lost) from None
    recent = rows.sparkSession.sql(f"DESCRIBE HISTORY {by_path(path)} LIMIT 10").select("userMetadata").collect()
    if told not in [row["userMetadata"] for row in recent]:
        raise DataContractError(lost)


def _refuse_columns(schema: StructType, standing: DataFrame | None, path: str, where: str) -> None:
    types = {field.name: field.dataType.simpleString() for field in schema}
    for name in (LANDED_AT, LANDING):
        if name in types:
            raise DataContractError(
                sentence(f"{where}: the name '{name}' is reserved", fix="Rename the column in a query=.")
            )
    if standing is None:
        return
    before = {field.name: field.dataType.simpleString() for field in standing.schema}
    before = {name: type for name, type in before.items() if name not in (LANDED_AT, LANDING)}
    changed = [f"'{name}' {before.get(name, 'absent')} to {types.get(name, 'absent')}"
               for name in dict.fromkeys((*before, *types)) if before.get(name) != types.get(name)]  # fmt: skip
    if changed:
        raise DataContractError(
            sentence(f"{where}: its columns have changed since it first landed in {path}: {', '.join(changed)}",
                     fix="Keep the old ones with a query=, or land it under a new name in 'databases'.")
        )  # fmt: skip


def _text(mark: Mark | None) -> str | None:
    return None if mark is None else str(mark)
