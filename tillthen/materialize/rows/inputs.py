"""What a build reads: each source's table once, at a pinned version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.sources.source import Source
from tillthen.pit.spark.made_sources import made_rows
from tillthen.quality.gate import screen
from tillthen.runtime.config import Config
from tillthen.sources.reading.read import read_table
from tillthen.tables.pins import Pin, pin, pinned


@dataclass(frozen=True)
class Inputs:
    """Frames by the name of their source, without the rows that gates set aside and with them, and pins by table.

    ``frames`` has those of the sources, too, that another is made of.
    """

    frames: dict[str, DataFrame]
    pins: dict[str, Pin]
    unscreened: dict[str, DataFrame]


def read_inputs(spark: SparkSession, config: Config, sources: Iterable[Source]) -> Inputs:
    """The sources' tables as they are now; nothing but schemas is read yet, and what sources are made of is checked."""
    pins: dict[str, Pin] = {}
    tables: dict[str, DataFrame] = {}
    wanted = list(sources)
    for name in dict.fromkeys(part.table for source in wanted for part in source.read):
        pins[name], pinned_table = pin(spark, config.table(name), name)
        tables[name] = read_table(spark, pinned_table, name)
    whole = _whole(wanted, tables)
    return Inputs(_screened(whole), pins, {source.name: frame for source, frame in whole.items()})


def frame_of(source: Source, tables: Mapping[str, DataFrame]) -> DataFrame:
    """A source's rows out of the tables, by name, that it reads; without those that gates set aside."""
    return screen(_unscreened(source, tables), source)


def _whole(sources: Iterable[Source], tables: Mapping[str, DataFrame]) -> dict[Source, DataFrame]:
    """All rows of sources, and of those that they are made of; each is made once, since it is checked in jobs."""
    named = {part.name: part for source in sources for part in (*source.read, source)}
    return {source: _unscreened(source, tables) for source in named.values()}


def _screened(whole: Mapping[Source, DataFrame]) -> dict[str, DataFrame]:
    return {source.name: screen(frame, source) for source, frame in whole.items()}


def _unscreened(source: Source, tables: Mapping[str, DataFrame]) -> DataFrame:
    if source.made_of is None:
        return tables[source.table]
    return made_rows(source, *(screen(tables[part.table], part) for part in source.read))


def read_again(
    spark: SparkSession, config: Config, sources: Iterable[Source], inputs: Mapping[str, Mapping[str, object]]
) -> dict[str, DataFrame]:
    """The sources' tables by the sources' names, as the build that noted ``inputs`` in its commit read them."""
    tables, wanted = {}, list(sources)
    for name in dict.fromkeys(part.table for source in wanted for part in source.read):
        noted = Pin(**inputs[name])  # type: ignore[arg-type]
        tables[name] = read_table(spark, pinned(spark, config.table(name), noted, name), name)
    return _screened(_whole(wanted, tables))
