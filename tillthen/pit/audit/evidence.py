"""The rows of a source that say anything about some keys, brought to the driver for the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import IntegralType

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.oracle.lives import Row
from tillthen.pit.oracle.plain import DELETED, EVENT, ID, KNOWN, LANDED, PASSES, RETRACTED, TIE, sequence
from tillthen.sources.events.clock import CLAIMED, CLOCK, EVENT_TIME, KNOWN_FROM, KNOWN_TO, landed_at, with_clock
from tillthen.sources.events.money import read_columns
from tillthen.sources.reading.schema import check_columns, declared_types
from tillthen.sources.reading.unreadable import readable

NUMBER = "@number"


@dataclass(frozen=True)
class Evidence:
    """What a source holds about some keys.

    ``frame`` has the rows with the columns of the source's table that are used, for the engine. ``rows`` has them by
    the number of their key as a `tillthen.pit.oracle.plain.plain_set` reads them, for the oracle.
    """

    frame: DataFrame
    rows: dict[int, list[Row]]


def rows_of_keys(table: DataFrame, group: FeatureSet, keys: DataFrame) -> DataFrame:
    """The raw rows, invisible ones too, whose key is in ``keys``, with their clock and the key's number.

    ``keys`` has the entity's columns and ``@number``. Of a source with versions it is all versions of each id that ever
    had such a key, once for every one of the keys.
    """
    source, where = group.source, f"Source '{group.source.name}'"
    with readable(where):
        check_columns(table, source, group.reads, where)
        clocked = with_clock(read_columns(table, source, group.reads, declared_types(table, source)), source)
    texts = dict(group.rows.columns)
    keyed = clocked.select("*", *[F.expr(texts[key]).alias(_key(i)) for i, key in enumerate(group.entity)])
    wanted = keys.select(NUMBER, *[_column(key).alias(_key(i)) for i, key in enumerate(group.entity)])
    names = [_key(i) for i in range(len(group.entity))]
    found = _widened(keyed, names).join(F.broadcast(_widened(wanted, names)), names, how="inner").drop(*names)
    if not source.versions:
        return found
    ids = found.select(_column(str(source.id)).alias(ID), NUMBER).distinct()
    return clocked.join(ids, _column(str(source.id)) == _column(ID), how="inner").drop(ID)


def collect(found: DataFrame, group: FeatureSet) -> Evidence:
    """Bring `rows_of_keys` to the driver, with every row expression evaluated by Spark."""
    here = found.sparkSession.createDataFrame(found.toArrow(), schema=found.schema)
    clock = {NUMBER: _column(NUMBER), **_clock(here, group)}
    unselected = [name for name in group.source.clock_columns if name not in group.rows.names]
    values = here.select(
        *[column.alias(name) for name, column in clock.items()],
        *[_where_it_passes(group, text).alias(name) for name, text in group.rows.columns],
        *[F.col(quoted(name)) for name in unselected],
    )
    names, texts = [*clock, *group.rows.names], texts_of(group)
    columns = [*map(_column, names), *[F.when(_column(PASSES), F.expr(text)) for text in texts]]
    # Under numbers: two names may differ in nothing but the case of a letter.
    table = values.select(*[column.alias(f"c{i}") for i, column in enumerate(columns)]).toArrow()
    rows: dict[int, list[Row]] = {}
    for row in table.rename_columns([*names, *texts]).to_pylist():
        rows.setdefault(row.pop(NUMBER), []).append(row)
    return Evidence(here.drop(*CLOCK, CLAIMED, NUMBER), rows)


def texts_of(group: FeatureSet) -> list[str]:
    """The expressions that features read and that are no columns of their set."""
    texts = (text for feature in group.declared for text in (feature.column, feature.where) if text)
    return [text for text in dict.fromkeys(texts) if text not in group.rows.names]


def _clock(frame: DataFrame, group: FeatureSet) -> dict[str, Column]:
    """The columns that say which row it is, when it counts and whether the set's own condition holds."""
    source, condition = group.source, group.rows.condition
    columns = {EVENT: F.col(EVENT_TIME), KNOWN: F.col(CLAIMED if source.landed_time else KNOWN_FROM)}
    columns |= {LANDED: landed_at(frame, source)} if source.landed_time else {}
    columns |= {RETRACTED: F.col(KNOWN_TO)} if source.retracted_time else {}
    columns |= {sequence(i): _column(name) for i, name in enumerate(source.sequence)}
    named = {ID: source.id, DELETED: source.deleted, TIE: group.within_tie}
    columns |= {ours: _column(theirs) for ours, theirs in named.items() if theirs}
    holds = F.lit(True) if condition is None else F.coalesce(F.expr(condition), F.lit(False))
    return columns | {PASSES: holds}


def _where_it_passes(group: FeatureSet, text: str) -> Column:
    """An expression where the set's condition holds: elsewhere the engine does not evaluate it, and it may fail."""
    return F.expr(text) if group.rows.condition is None else F.when(F.expr(group.rows.condition), F.expr(text))


def _column(name: str) -> Column:
    return F.col(quoted(name))


def _key(index: int) -> str:
    return f"@key{index}"


def _widened(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Integer keys of any width as one type."""
    whole = [name for name in names if isinstance(frame.schema[name].dataType, IntegralType)]
    return frame.withColumns({name: _column(name).cast("bigint") for name in whole})
