"""Point-in-time features in Spark: one shuffle an entity, whatever the number of windows and features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import (
    DataType,
    DecimalType,
    DoubleType,
    IntegralType,
    LongType,
    StructField,
    StructType,
)

from tillthen.define.aggregation import KINDS
from tillthen.define.errors import DataContractError, sentence
from tillthen.define.feature_set import FeatureSet
from tillthen.define.source import Source
from tillthen.pit.frame import by_key, column, stage_frame
from tillthen.pit.spine import OnNullTime, check_names, inspect
from tillthen.pit.stage import AS_OF, Stage
from tillthen.pit.worker import run
from tillthen.sources.events import Events, prepare
from tillthen.sources.times import micros

ROWS_A_PARTITION = 500_000


@dataclass(frozen=True)
class PointInTime:
    """A spine with its features, and what was counted on the way: rows, dropped and collapsed events."""

    frame: DataFrame
    facts: dict[str, dict[str, int]]


def point_in_time(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    *,
    sources: Mapping[str, DataFrame] | None = None,
    as_of: str = "as_of",
    timezone: str | None = None,
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
) -> DataFrame:
    """The spine's rows, each once, with its features as they were known at ``as_of``.

    An event is visible to a row where event_time < as_of (or <= with ``closed="right"``), known_time <= as_of and
    retracted_time is null or > as_of; see `tillthen.define.window.Window` for the windows.

    Parameters
    ----------
    spine
        The rows to predict for, with the entities' keys.
    feature_sets
        What to compute.
    sources
        Frames by the name of a source or its table; others are read from the session's catalogue.
    as_of
        The spine's column that holds the instant of the decision.
    timezone
        Zone of ``as_of`` where it carries none; an ambiguous local time is the earlier instant.
    on_null_time
        ``"refuse"`` a spine with null ``as_of``, or ``"keep"`` such rows without features.
    partitions
        Of the shuffles; by the number of rows where not given. It changes no result.
    """
    frames = dict(sources or {})
    return compute(
        spine, feature_sets, frames, as_of=as_of, timezone=timezone, on_null_time=on_null_time, partitions=partitions
    ).frame


def compute(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    sources: Mapping[str, DataFrame],
    *,
    as_of: str = "as_of",
    timezone: str | None = None,
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
) -> PointInTime:
    """As `point_in_time`, with the facts of the run."""
    check_names(spine, feature_sets, as_of)
    prepared = _prepare(spine.sparkSession, feature_sets, sources)
    frame = spine.withColumn(AS_OF, micros(column(as_of), spine.schema[as_of].dataType, timezone, "end", "earlier"))
    counted = inspect(frame, feature_sets, as_of, on_null_time)
    facts = {"spine": counted, **{name: events.facts for name, events in prepared.items()}}
    for entity in dict.fromkeys(group.entity for group in feature_sets):
        sets = [group for group in feature_sets if group.entity == entity]
        rows = counted["rows"] + sum(prepared[group.source.name].facts["rows"] for group in sets)
        stage, joined = stage_frame(frame, sets, [prepared[group.source.name].frame for group in sets])
        frame = _apply(by_key(joined, stage, partitions or _partitions(spine.sparkSession, rows)), stage, frame.schema)
    return PointInTime(frame.drop(AS_OF), facts)


def _apply(joined: DataFrame, stage: Stage, spine: StructType) -> DataFrame:
    """Run the stage's kernel on every partition."""
    given = []
    for stream in stage.streams:
        fields = cast(StructType, joined.schema[stream.column].dataType)
        for feature in stream.features:
            taken = fields[stream.value_field(feature.column)].dataType if feature.column else None
            given.append(StructField(feature.name, _result_type(feature.kind, taken)))

    def partition(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        return run(stage, batches)

    return joined.mapInArrow(partition, StructType([*spine.fields, *given]))


def _result_type(kind: str, taken: DataType | None) -> DataType:
    """The type of an aggregation's result, of the type that it takes."""
    gives = KINDS[kind].gives
    if gives == "bigint":
        return LongType()
    if gives == "double" or taken is None:
        return DoubleType()
    if gives == "same":
        return taken
    if isinstance(taken, DecimalType):
        return DecimalType(38, taken.scale)
    return LongType() if isinstance(taken, IntegralType) else DoubleType()


def _partitions(spark: SparkSession, rows: int) -> int:
    return max(spark.sparkContext.defaultParallelism, -(-rows // ROWS_A_PARTITION))


def _prepare(spark: SparkSession, sets: Sequence[FeatureSet], frames: Mapping[str, DataFrame]) -> dict[str, Events]:
    """Each source once, with every column that any of the feature sets reads."""
    found: dict[str, Events] = {}
    for source in dict.fromkeys(group.source for group in sets):
        reads = dict.fromkeys(name for group in sets if group.source == source for name in group.reads)
        frame = frames.get(source.name, frames.get(source.table))
        found[source.name] = prepare(_table(spark, source) if frame is None else frame, source, tuple(reads))
    return found


def _table(spark: SparkSession, source: Source) -> DataFrame:
    if not spark.catalog.tableExists(source.table):
        raise DataContractError(
            sentence(f"Source '{source.name}': the session knows no table '{source.table}'",
                     fix=f"Pass sources={{'{source.name}': frame}}.")
        )  # fmt: skip
    return spark.table(source.table)
