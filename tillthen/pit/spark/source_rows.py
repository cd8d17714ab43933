"""The sources' rows, as far as the windows of a spine reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.pit.spark.made_sources import made_rows
from tillthen.pit.spark.spine import Inspected
from tillthen.sources.events.prepared import Events, prepare
from tillthen.sources.reading.bounds import with_nan
from tillthen.sources.reading.pruning import happened_between


def events_of(
    sets: Sequence[FeatureSet],
    tables: Mapping[str, DataFrame],
    same: Collection[str],
    unique: Collection[str],
    spine: Inspected,
) -> dict[str, Events]:
    """Each source once, with every column that any of the feature sets reads, as far as their windows reach.

    ``same`` are sources whose table is the spine's and is read as a whole.
    """
    found: dict[str, Events] = {}
    for source in dict.fromkeys(group.source for group in sets):
        readers = [group for group in sets if group.source == source]
        reads = dict.fromkeys(name for group in readers for name in group.reads)
        table = tables[source.name]
        if source.name not in same:
            windows = [feature.window for group in readers for feature in group.declared]
            table = happened_between(table, source, *spine.seen(windows))
        alone = replace(source, id=None, expect=()) if source.name in unique else source
        found[source.name] = prepare(with_nan(table), alone, tuple(reads))
    return found


def table_of(spark: SparkSession, source: Source, frames: Mapping[str, DataFrame]) -> DataFrame:
    """The source's table: a given frame, else the session's."""
    found = frames.get(source.name, frames.get(source.table))
    if found is not None:
        return found
    if source.made_of:
        return made_rows(source, *(table_of(spark, part, frames) for part in source.read))
    if not spark.catalog.tableExists(source.table):
        raise DataContractError(
            sentence(f"Source '{source.name}': the session knows no table '{source.table}'",
                     fix=f"Pass sources={{'{source.name}': frame}}.")
        )  # fmt: skip
    return spark.table(source.table)
