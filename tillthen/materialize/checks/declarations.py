"""Declarations against the tables that they read: columns, types and keys, without reading rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pyspark.sql import DataFrame

from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.project import Project
from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.rates import Converted
from tillthen.define.sources.source import Source
from tillthen.materialize.checks.keys import compared_keys
from tillthen.materialize.checks.types import type_faults
from tillthen.runtime.config import Config
from tillthen.runtime.session import spark_session
from tillthen.sources.reading.read import read_table
from tillthen.sources.reading.schema import check_columns


def check(config: Config, project: Project, simulated: Collection[str] = ()) -> list[str]:
    """Compare each source with its table; what is said of tables that are still to be made is returned.

    To be made are tables of ``simulated``, of databases that have not landed, and of the project itself.

    Raises
    ------
    ConfigurationError
        A table is nowhere, beside all that is said of others.
    DataContractError
        Every column that is missing or of another type, every expression and aggregation that does not fit the types,
        and every key that cannot be compared exactly, together.
    """
    awaited = {*simulated, *config.databases, *(table.folder for table in project.tables.values())} - {*config.tables}
    spark = spark_session(config.spark)
    faults: list[str] = []
    nowhere: list[str] = []
    absent: list[str] = []
    tables: dict[Source, DataFrame] = {}
    for source, reads in _reads(project).items():
        try:
            frame = read_table(spark, config.table(source.table), source.table)
            check_columns(frame, source, reads, f"Source '{source.name}'")
            tables[source] = frame
        except ConfigurationError as error:
            (absent if source.table in awaited else nowhere).append(str(error))
        except DataContractError as error:
            faults.append(str(error))
    faults += dict.fromkeys((*type_faults(project, tables), *compared_keys(project, tables)))
    if nowhere:
        raise ConfigurationError("\n".join(dict.fromkeys((*nowhere, *faults))))
    if faults:
        raise DataContractError("\n".join(faults))
    return list(dict.fromkeys(absent))


def _reads(project: Project) -> dict[Source, tuple[str, ...]]:
    """Each source with every column that a table or a label reads of it."""
    found: dict[Source, tuple[str, ...]] = {}
    for source, names in _uses(project):
        found[source] = tuple(dict.fromkeys((*found.get(source, ()), *names)))
    return found


def _uses(project: Project) -> Iterator[tuple[Source, Iterable[str]]]:
    for table in project.tables.values():
        yield table.spine.source, table.spine.columns
        for group in table.feature_sets:
            yield from _read_by(group)
    for group in project.feature_sets.values():
        yield from _read_by(group)
    for backtest in project.backtests.values():
        yield backtest.label.source, backtest.label.reads
        if backtest.label.unobserved is not None:
            yield backtest.label.unobserved.source, backtest.label.unobserved.reads


def _read_by(group: FeatureSet) -> Iterator[tuple[Source, Iterable[str]]]:
    """The sources behind a feature set, with the columns that their tables must have."""
    made = group.source.made_of
    if isinstance(made, Converted):
        yield made.payments, [name for column in group.reads for name in made.money_reads(column)]
        yield made.rates.source, made.reads
    elif isinstance(made, LabelEvents):
        own = (made.label.name, group.source.known_time)
        yield made.decisions, [name for name in (*group.reads, *made.decisions.clock_columns) if name not in own]
        yield made.label.source, made.label.reads
    else:
        yield group.source, group.reads
