"""Which of a session's settings may change a result."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

GENERATED_FILTERS = "spark.databricks.delta.generatedColumn.partitionFilterOptimization.enabled"
"""Delta turns a filter on a time into one on a date column that is generated from it, as days of the session's zone:
where the table was written in another zone, rows are lost."""

DECIDING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    GENERATED_FILTERS: "false",
}
"""What is set; everything else that may change a value is left at Spark's default."""

KEPT = (
    "adaptive.", "auto", "broadcastTimeout", "cache", "caseSensitive", "catalog.", "codegen.", "execution.arrow.",
    "files.", "hive.", "inMemoryColumnarStorage.", "orc.", "parquet.", "shuffle.", "sources.", "warehouse.dir",
)  # fmt: skip
"""How the settings under ``spark.sql.`` begin that say how files are read, how work is spread and what names mean."""

_PREFIX = "spark.sql."


def decides(key: str) -> bool:
    """Whether a setting, other than those that are set anyway, may change a result."""
    return key.startswith(_PREFIX) and key not in DECIDING and not key.removeprefix(_PREFIX).startswith(KEPT)


def deciding(session: SparkSession) -> list[str]:
    """The settings of that kind that are set in a session and can be taken back."""
    return [key for key in set_in(session) if decides(key) and session.conf.isModifiable(key)]


def set_in(session: SparkSession) -> dict[str, str]:
    """What is set in a session, by itself or since it was started."""
    java: Any = session._jsparkSession
    pairs = java.conf().getAll().mkString("\x00").split("\x00")
    return dict(pair.split(" -> ", 1) for pair in pairs)
