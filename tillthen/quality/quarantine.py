"""The quarantine: a Delta table of the rows that gates have set aside, each once, with the reasons.

It is a record, not a store to read from: a row is judged by its content whenever its source is read, so one that was
corrected, or that a changed expectation admits, is back in the next run without any doing.
"""

from __future__ import annotations

from collections.abc import Sequence

from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expectations.rules import Expectation, RowRule
from tillthen.define.expectations.suitable import quarantining
from tillthen.define.expressions.literals import quoted
from tillthen.quality.measure import good, screened
from tillthen.sources.events.identity import content, row_key

COLUMNS = {"subject": "string", "row_key": "string", "id": "string", "row": "string", "reasons": "array<string>",
           "first_run": "string", "last_run": "string"}  # fmt: skip


def set_aside(
    frame: DataFrame, subject: str, expectations: Sequence[Expectation], id: str | None, run_id: str, path: str
) -> None:
    """Record the rows of ``frame`` that do not stay in the Delta table at ``path``.

    A row is its whole content: one that is there already is not added again, and only a change of reasons touches it.
    Equal rows are recorded once.
    """
    spark = frame.sparkSession
    rules = quarantining(expectations)
    bad = frame.where(~screened(expectations)).select(
        F.lit(subject).alias("subject"),
        row_key(frame.columns).alias("row_key"),
        (F.lit(None) if id is None else F.col(quoted(id))).cast("string").alias("id"),
        content(frame.columns).alias("row"),
        _reasons(rules).alias("reasons"),
        F.lit(run_id).alias("first_run"),
        F.lit(run_id).alias("last_run"),
    )
    table = DeltaTable.createIfNotExists(spark).location(path)
    for name, type in COLUMNS.items():
        table = table.addColumn(name, type)
    table.partitionedBy("subject").execute()
    standing = DeltaTable.forPath(spark, path).alias("old")
    # The subject stands as a literal, so that other sources' partitions are left alone and can be written meanwhile.
    same = (F.col("old.subject") == F.lit(subject)) & (F.col("old.row_key") == F.col("new.row_key"))
    merging = standing.merge(bad.dropDuplicates(["row_key"]).alias("new"), same)
    changed = F.col("old.reasons") != F.col("new.reasons")
    changes = {"reasons": F.col("new.reasons"), "last_run": F.col("new.last_run")}
    merging.whenMatchedUpdate(changed, changes).whenNotMatchedInsertAll().execute()  # type: ignore[arg-type]


def standing(frame: DataFrame, subject: str, expectations: Sequence[Expectation], path: str) -> DataFrame:
    """The quarantine's rows of one source, and where each is in the source's table as it is now, ``state``.

    "out": it is there and does not meet the expectations of today. "back": it is there and does. "gone": a corrected
    row, or none, stands in its place.
    """
    now = frame.select(row_key(frame.columns).alias("row_key"), screened(expectations).alias("stays")).distinct()
    known = frame.sparkSession.read.format("delta").load(path).where(F.col("subject") == subject)
    state = F.when(F.col("stays"), "back").when(~F.col("stays"), "out").otherwise("gone")
    return known.join(now, "row_key", "left").withColumn("state", state).drop("stays")


def _reasons(rules: Sequence[RowRule]) -> Column:
    return F.array_compact(F.array(*[F.when(~good(rule.condition), F.lit(rule.name)) for rule in rules]))
