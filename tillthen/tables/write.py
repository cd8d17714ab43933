"""Writing a feature table: whole, in one atomic commit."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.rows import quoted
from tillthen.runtime.failures import storage_errors, worker_errors
from tillthen.tables.commit import Commit, Version, by_path, latest_version


def overwrite(
    frame: DataFrame, path: str, commit: Commit, *, partition: str, description: str, comments: Mapping[str, str]
) -> Version:
    """Replace the Delta table in the folder ``path`` by ``frame``, partitioned by one of its columns.

    Rows, schema, comments and properties change in one commit: readers, and the next run when this one is killed, see
    the old table or the new one. ``comments`` are by column.
    """
    commented = frame.select(*[_commented(name, comments.get(name)) for name in frame.columns])
    # A task that writes holds whole days, yet a large day is split and small ones share a task.
    by_day = commented.hint("rebalance", F.col(partition))
    writer = (
        by_day.writeTo(by_path(path))
        .using("delta")
        .option("userMetadata", commit.json())
        .tableProperty("comment", description)
        .tableProperty("tillthen.definitions_hash", commit.definitions_hash)
        .partitionedBy(F.col(partition))
    )
    with storage_errors(path), worker_errors():
        writer.createOrReplace()
    return latest_version(frame.sparkSession, path)


def _commented(name: str, comment: str | None) -> Column:
    return F.col(quoted(name)).alias(name, metadata={"comment": comment} if comment else {})
