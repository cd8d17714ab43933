"""Rows of a database's table: read in parts, from a watermark on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType, TimestampType

from tillthen.define.arguments.duration import Duration
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import ConfigurationError, DataContractError, DefinitionError, sentence
from tillthen.define.tables.delta_names import EXPECTED, plain_name, refused_names
from tillthen.runtime.compat import SPARK_4
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.sources.reading.decimals import doubtful, exact
from tillthen.sources.reading.marks import Mark, earliest, latest, literal

Quoting = Callable[[str], str]

_SAID = re.compile(r"(?:PSQLException|SQL\w*Exception): (.+)")
_TWICE = re.compile(r"COLUMN_ALREADY_EXISTS\] The column `([^`]*)`")
_TOLD = re.compile(r"\[[A-Z0-9_.]+\] (.+?)\.? SQLSTATE|((?:Arithmetic|IllegalArgument|DateTime)Exception: .+)")
_NO_DRIVER = re.compile(r"ClassNotFoundException|No suitable driver")


@dataclass(frozen=True)
class Increment:
    """The rows whose watermark is in [``since``, ``upto``] or beyond now; nothing of them is read yet."""

    frame: DataFrame
    since: Mark | None
    upto: Mark | None


def increment(spark: SparkSession, database: DatabaseConfig, name: str, landed: Mark | None) -> Increment:
    """The rows of a table that may not have landed: those from ``overlap`` below the watermark ``landed`` on.

    The greatest watermark that is not beyond now is asked for first and bounds the reading, so that parts that are read
    one after the other agree. Rows beyond it land too, and are never the watermark.
    A time without a zone stays one, and its source must declare which zone it is in.

    Raises
    ------
    ConfigurationError
        The database cannot be reached or refuses the login, the table or a column is missing, or a setting is wrong.
    DataContractError
        Rows have no watermark, or one that no increment reaches.
    """
    where = f"Database table '{name}'"
    if not SPARK_4:  # its preferTimestampNTZ takes a time with a zone for one without
        raise ConfigurationError(sentence(f"{where}: Spark 3.5 loses the zones of a database's times",
                                          fix="Land it with Spark 4."))  # fmt: skip
    options = _options(database, where)
    with answering(where, database):
        named = _quoting(spark, database.url)
        relation = f"{database.relation} t"
        schema = spark.read.format("jdbc").options(**options).option("dbtable", relation).load().schema
        _refuse_names(schema, where)
        since, upto = None, None
        if database.watermark:
            mark = named(database.watermark)
            type = schema[database.watermark].dataType if database.watermark in schema.names else None
            _refuse_never_reached(spark, options, relation, mark, type, where)
            now = latest(type)
            since = None if landed is None else _behind(landed, database.overlap, where)
            within = f" WHERE {mark} <= {now}" if now else ""
            upto = _ask(spark, options, f"SELECT MAX({mark}) AS upto FROM {relation}{within}")[0]
            relation = _reach(relation, mark, since, upto, now)
        parts = _parts(spark, options, database, relation, named)
        texts = doubtful(schema, database.partition_column if parts else None)
        as_text = {"customSchema": ", ".join(f"{quoted(name)} STRING" for name in texts)} if texts else {}
        reading = spark.read.format("jdbc").options(**options, **parts, **as_text)
        frame = exact(reading.option("dbtable", relation).load(), texts, where)
    return Increment(frame, since, upto)


def _reach(relation: str, mark: str, since: Mark | None, upto: Mark | None, now: str | None) -> str:
    """The rows from ``since`` to ``upto``, and those beyond now: they land, and are compared with what has landed."""
    limits = [f"{mark} >= {literal(since)}"] * (since is not None)
    limits += [f"{mark} <= {literal(upto)}"] * (upto is not None)
    within = " AND ".join(limits)
    if now is not None:
        within = f"({within}) OR {mark} > {now}" if upto is not None else f"{mark} > {now}"
    return f"(SELECT * FROM {relation} WHERE {within}) t" if within else relation


def _refuse_names(schema: StructType, where: str) -> None:
    """Refuse columns that a Delta table cannot have, before a row is read."""
    wrong = refused_names(schema.names)
    if wrong:
        fix = f"""Name them in a query=: SELECT "{wrong[0]}" AS {plain_name(wrong[0])}, ..."""
        raise DataContractError(sentence(f"{where}: columns {', '.join(map(repr, wrong))}",
                                         expected=EXPECTED, fix=fix))  # fmt: skip


@contextmanager
def answering(where: str, database: DatabaseConfig) -> Iterator[None]:
    """Within the block, raise what a database says as one line; other failures stay."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        if _NO_DRIVER.search(str(error)):
            fix = "Put its jar beside Delta's, or in spark.jars, and name its class in driver=."
            told = sentence(f"{where}: there is no JDBC driver for {database.url}", fix=fix)
            raise ConfigurationError(told) from None
        found = _SAID.search(str(error))
        if found is None:
            raise _refused(error, where) from None
        said, fix = found[1].strip(), "Correct its entry in 'databases'."
        raise ConfigurationError(sentence(f"{where} at {database.url}: {said}", fix=fix)) from None


def _refused(error: Exception, where: str) -> DataContractError | Exception:
    """What Spark says of a table that it cannot read, as one line; another error as it is."""
    twice, told = _TWICE.search(str(error)), _TOLD.search(str(error))
    if twice:
        fix = f"Name one of them in a query=: SELECT ... AS {twice[1]}_2."
        return DataContractError(
            sentence(f"{where}: '{twice[1]}' is a column more than once, letter case aside", fix=fix)
        )
    if told is None:
        return error
    said, fix = " ".join((told[1] or told[2]).split()), "Cast the column in a query=."
    return DataContractError(sentence(f"{where}: {said}", fix=fix))


def _options(database: DatabaseConfig, where: str) -> dict[str, str]:
    # A driver that came by spark.jars is found by its class alone.
    known = "org.postgresql.Driver" if database.url.startswith("jdbc:postgresql:") else None
    named = database.driver or known
    driver = {"driver": named} if named else {}
    reading = {"url": database.url, "fetchsize": str(database.fetch_size), "preferTimestampNTZ": "true"}
    return {**reading, **driver, **database.options, **database.login(where)}


def _quoting(spark: SparkSession, url: str) -> Quoting:
    """How the database at this URL quotes a column's exact name."""
    jvm: Any = spark._jvm
    return jvm.org.apache.spark.sql.jdbc.JdbcDialects.get(url).quoteIdentifier


def _ask(spark: SparkSession, options: Mapping[str, str], query: str) -> tuple[Mark | None, ...]:
    """The one row that a query answers; its columns have names, without which not every database lets it be asked."""
    return marks(spark.read.format("jdbc").options(**options).option("query", query).load())


def marks(frame: DataFrame) -> tuple[Mark | None, ...]:
    """The values of a frame's one row; instants with a zone."""
    instants = [isinstance(field.dataType, TimestampType) for field in frame.schema]
    columns = [F.col(quoted(name)) for name in frame.columns]
    row = frame.select(*[F.unix_micros(c) if i else c for c, i in zip(columns, instants, strict=True)]).first()
    assert row is not None, "an aggregation without keys has a row"
    since = datetime(1970, 1, 1, tzinfo=UTC)
    return tuple(
        since + timedelta(microseconds=value) if instant and value is not None else value
        for value, instant in zip(row, instants, strict=True)
    )


def _behind(landed: Mark, overlap: str | int, where: str) -> Mark:
    """The watermark less the overlap."""
    try:
        if isinstance(landed, int | Decimal):
            return landed - int(overlap)
        if not overlap:
            return landed
        return landed - timedelta(microseconds=Duration.parse(str(overlap)).micros)
    except (DefinitionError, ValueError):
        kind = "a whole number" if isinstance(landed, int | Decimal) else "a duration such as '15m'"
        raise ConfigurationError(sentence(f"{where} 'overlap'", expected=kind, got=repr(overlap))) from None


def _refuse_never_reached(
    spark: SparkSession, options: Mapping[str, str], relation: str, mark: str, type: DataType | None, where: str
) -> None:
    """Rows that no increment would ever hold; some may have come since the last landing."""
    first = earliest(type)
    never = {"null": f"{mark} IS NULL", **({"-infinity or before the year 1": f"{mark} < {first}"} if first else {})}
    for what, condition in never.items():
        count = _ask(spark, options, f"SELECT COUNT(*) AS n FROM {relation} WHERE {condition}")[0]
        if count:
            raise DataContractError(
                sentence(f"{where}: the watermark {mark} is {what} in {count:,} rows, which would never be read",
                         fix="Use another watermark, or a query that gives them one.")
            )  # fmt: skip


def _parts(
    spark: SparkSession, options: Mapping[str, str], database: DatabaseConfig, relation: str, exact: Quoting
) -> dict[str, str]:
    """Spark's options for reading the range of a column in parts."""
    column = database.partition_column
    if column is None or database.partitions == 1:
        return {}
    name = exact(column)
    least, most = database.bounds or _ask(
        spark, options, f"SELECT MIN({name}) AS least, MAX({name}) AS most FROM {relation}"
    )
    if least is None or most is None:
        return {}
    return {"partitionColumn": column, "lowerBound": _bound(least), "upperBound": _bound(most),
            "numPartitions": str(database.partitions)}  # fmt: skip


def _bound(mark: Mark | str) -> str:
    """An end of a range as Spark reads it, in its session's zone, UTC."""
    if isinstance(mark, Decimal):
        return str(int(mark))
    return str(mark.astimezone(UTC).replace(tzinfo=None) if isinstance(mark, datetime) and mark.tzinfo else mark)
