"""Whether expressions and aggregations fit the types of the tables that they read, by the schemas alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql import functions as F

from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import TillthenError
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.project import Project
from tillthen.define.sources.source import Source
from tillthen.materialize.checks.keys import Tables, rows_of, selected
from tillthen.materialize.checks.learnable import feature_faults
from tillthen.pit.spark.columns import check_types
from tillthen.runtime.failures import expression_errors


def type_faults(project: Project, tables: Tables) -> Iterator[str]:
    """What does not fit; tables that are not there are passed over.

    Of expressions over feature rows only those over the decision's own columns are looked at: the types of features
    are known when they are built.
    """
    groups = [*project.feature_sets.values(), *(g for table in project.tables.values() for g in table.feature_sets)]
    for group in {group.name: group for group in groups}.values():
        yield from _of_set(group, tables)
    for table in project.tables.values():
        yield from _of_rows(f"Feature table '{table.name}' 'derived'", table.derived, table.spine.source, tables)
    for backtest in project.backtests.values():
        source = backtest.table.spine.source
        yield from _of_rows(f"Backtest '{backtest.name}' 'segments'", backtest.segments, source, tables)
        costs = {name: term for name, term in backtest.costs.terms() if isinstance(term, str)}
        yield from _of_rows(f"Backtest '{backtest.name}' 'costs'", costs, source, tables)
        rows = rows_of(source, tables)
        if rows is not None:
            own = {field.name: field.dataType for field in rows.schema if field.name in backtest.table.row_features}
            yield from feature_faults(backtest, own)


def _of_set(group: FeatureSet, tables: Tables) -> Iterator[str]:
    try:
        with expression_errors(f"Feature set '{group.name}'"):
            rows = selected(group, tables)
            if rows is not None:
                check_types(group, rows)
    except TillthenError as error:
        yield str(error)


def _of_rows(where: str, expressions: Mapping[str, str], source: Source, tables: Tables) -> Iterator[str]:
    rows = rows_of(source, tables)
    for name, text in expressions.items():
        try:
            if rows is not None and set(parse(text).columns) <= set(rows.columns):
                with expression_errors(f"{where} of '{name}'"):
                    _ = rows.select(F.expr(text)).schema
        except TillthenError as error:
            yield str(error)
