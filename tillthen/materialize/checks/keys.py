"""Whether what is compared can be compared exactly, by the tables' schemas alone: spines, features, labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from tillthen.define.backtests.backtest import Backtest
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.project import Project
from tillthen.define.sources.label import Label, LabelEvents, Unobserved
from tillthen.define.sources.rates import Converted
from tillthen.define.sources.source import Source
from tillthen.define.tables.table import FeatureTable
from tillthen.pit.spark.columns import row_logic
from tillthen.pit.spark.keys import compared, inexact_of
from tillthen.sources.events.clock import CLOCK
from tillthen.sources.reading.keys import Key, key_faults
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.text import types_of

Tables = Mapping[Source, DataFrame]
"""The tables that are there and fit their source."""


def compared_keys(project: Project, tables: Tables) -> Iterator[str]:
    """What cannot be compared exactly; tables that are not there are passed over."""
    for table in project.tables.values():
        yield from _of_table(table, tables)
    for group in project.feature_sets.values():
        logic = _fitting(group, tables)
        yield from inexact_of(logic, group) if logic else ()
        if isinstance(group.source.made_of, LabelEvents):
            yield from _of_label(group.source.made_of.label, group.source.made_of.decisions, tables)
    for backtest in project.backtests.values():
        yield from _of_backtest(backtest, tables)


def _of_table(table: FeatureTable, tables: Tables) -> Iterator[str]:
    spine = _schema(table.spine.source, tables)
    for group in table.feature_sets:
        logic = _fitting(group, tables)
        if spine and logic:
            yield from (f"Table '{table.name}': {fault}" for fault in compared(spine, logic, group))


def _of_backtest(backtest: Backtest, tables: Tables) -> Iterator[str]:
    source = backtest.table.spine.source
    spine = _schema(source, tables)
    yield from _of_label(backtest.label, source, tables)
    if spine and backtest.card in spine.names:
        key = Key(spine[str(backtest.card)].dataType, f"source '{source.name}'")
        yield from key_faults(f"Backtest '{backtest.name}': card '{backtest.card}'", key)


def _of_label(label: Label, decisions: Source, tables: Tables) -> Iterator[str]:
    spine = _schema(decisions, tables)
    for declared in (label, label.unobserved):
        theirs = _decision(declared, tables) if declared else None
        if spine and theirs and declared:
            ours = Key(spine[str(decisions.id)].dataType, f"source '{decisions.name}'")
            key = Key(theirs[0].dataType, f"source '{declared.source.name}'", declared.cast)
            yield from key_faults(f"Label '{label.name}': decision '{decisions.id}'", ours, key)


def _decision(declared: Label | Unobserved, tables: Tables) -> StructType | None:
    rows = rows_of(declared.source, tables)
    return rows.select(F.expr(declared.key)).schema if rows else None


def _fitting(group: FeatureSet, tables: Tables) -> StructType | None:
    try:
        rows = selected(group, tables)
    except PySparkException:
        return None  # an expression that its table does not fit, which is no matter of keys
    return rows.schema if rows else None


def selected(group: FeatureSet, tables: Tables) -> DataFrame | None:
    """No rows, with what a feature set selects; None where its tables are not there.

    Raises
    ------
    PySparkException
        An expression of it does not fit the table.
    """
    rows = rows_of(group.source, tables)
    return row_logic(group, rows.withColumns({name: F.lit(0) for name in CLOCK})) if rows else None


def _schema(source: Source, tables: Tables) -> StructType | None:
    rows = rows_of(source, tables)
    return rows.schema if rows else None


def rows_of(source: Source, tables: Tables) -> DataFrame | None:
    """No rows, with the columns of a source as its declaration reads them."""
    if isinstance(source.made_of, Converted):
        return rows_of(source.made_of.payments, tables)
    if isinstance(source.made_of, LabelEvents):
        rows = rows_of(source.made_of.decisions, tables)
        own = {source.made_of.label.name: "boolean", str(source.known_time): "timestamp"}
        return rows.withColumns({name: F.lit(None).cast(type) for name, type in own.items()}) if rows else None
    table = tables.get(source)
    if table is None:
        return None
    types = types_of(table, source, declared_types(table, source))
    types |= {name: LongType() for name in source.money if name in types}
    return table.sparkSession.createDataFrame([], StructType([StructField(*one) for one in types.items()]))
