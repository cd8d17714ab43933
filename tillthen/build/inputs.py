"""What a build reads: each source's table once, at a pinned version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from tillthen.define.source import Source
from tillthen.runtime.config import Config
from tillthen.sources.read import read_table
from tillthen.tables.pins import Pin, pin


@dataclass(frozen=True)
class Inputs:
    """Frames by the name of their source, pins by the name of the table."""

    frames: dict[str, DataFrame]
    pins: dict[str, Pin]


def read_inputs(spark: SparkSession, config: Config, sources: Iterable[Source]) -> Inputs:
    """The sources' tables as they are now; nothing but their schemas is read yet."""
    frames, pins, tables = {}, {}, {}
    for source in sources:
        if source.table not in tables:
            pins[source.table], pinned = pin(spark, config.table(source.table), source.table)
            tables[source.table] = read_table(spark, pinned, source.table)
        frames[source.name] = tables[source.table]
    return Inputs(frames, pins)
