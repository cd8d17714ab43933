"""Writing a feature table: whole or some days of it, in one atomic commit."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.runtime.compat import rebalanced, replace_delta
from tillthen.runtime.failures import storage_errors, worker_errors
from tillthen.tables.commit import Commit, Version, latest_version
from tillthen.tables.retention import LOG_STAYS


def overwrite(
    frame: DataFrame, path: str, commit: Commit, *, partition: str, properties: Mapping[str, str],
    comments: Mapping[str, str],
) -> Version:  # fmt: skip
    """Replace the Delta table in the folder ``path`` by ``frame``, partitioned by one of its columns.

    Rows, schema, comments and properties change in one commit: readers, and the next run when this one is killed, see
    the old table or the new one. ``comments`` are by column.
    """
    with storage_errors(path), worker_errors():
        # A task that writes holds whole days, yet a large day is split and small ones share a task.
        replace_delta(
            rebalanced(_commented(frame, comments), partition), path, partition, commit.json(),
            {**properties, **LOG_STAYS, "tillthen.definitions_hash": commit.definitions_hash},
        )  # fmt: skip
    return latest_version(frame.sparkSession, path)


def replace_days(
    frame: DataFrame, path: str, commit: Commit, *, partition: str, comments: Mapping[str, str]
) -> Version:
    """Replace the days of ``commit`` in the Delta table in the folder ``path``, and nothing else, in one commit.

    Delta refuses rows of other days. A column that is new is added, and is null on the days that stand.
    """
    days = commit.days
    assert days is not None, "a commit of days names them"
    column = quoted(partition)
    where = f"{column} >= DATE '{days.first}' AND {column} <= DATE '{days.last}'"
    writer = rebalanced(_commented(frame, comments), partition).write.format("delta").mode("overwrite")
    writer = writer.option("replaceWhere", where).option("mergeSchema", "true").option("userMetadata", commit.json())
    with storage_errors(path), worker_errors():
        writer.partitionBy(partition).save(path)
    return latest_version(frame.sparkSession, path)


def refuse_types(frame: DataFrame, path: str, where: str) -> None:
    """Refuse a frame with a column of another type than the Delta table in the folder ``path`` has.

    Raises
    ------
    DataContractError
        Every such column: a source's column has changed its type, since the definitions have not.
    """
    standing = {field.name: field.dataType for field in frame.sparkSession.read.format("delta").load(path).schema}
    changed = [f"'{field.name}' is {standing[field.name].simpleString()} and would be {field.dataType.simpleString()}"
               for field in frame.schema if standing.get(field.name, field.dataType) != field.dataType]  # fmt: skip
    if changed:
        raise DataContractError(
            sentence(f"{where}: a source's column has changed its type: {', '.join(changed)}",
                     fix="Correct the source and declare its types with columns=, or build with --replace.")
        )  # fmt: skip


def _commented(frame: DataFrame, comments: Mapping[str, str]) -> DataFrame:
    """With a comment on each column that has one."""

    def column(name: str) -> Column:
        comment = comments.get(name)
        return F.col(quoted(name)).alias(name, metadata={"comment": comment} if comment else {})

    return frame.select(*map(column, frame.columns))
