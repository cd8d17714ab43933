"""The frame of a stage: spine rows and events together, told apart by which struct column is not null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegralType, StructType

from tillthen.define.aggregation import KINDS, ORDERED_TYPES
from tillthen.define.errors import DefinitionError, sentence
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import quoted
from tillthen.pit.stage import AS_OF, SPINE, Stage, Stream, key_column
from tillthen.sources.clock import CLOCK, EVENT_TIME, KNOWN_FROM, KNOWN_TO
from tillthen.sources.schema import check_key_types


def column(name: str) -> Column:
    """A column by its exact name, dots and spaces included."""
    return F.col(quoted(name))


def stage_frame(spine: DataFrame, sets: Sequence[FeatureSet], events: Sequence[DataFrame]) -> tuple[Stage, DataFrame]:
    """The stage of feature sets that share an entity, and its rows; ``events`` are prepared sources."""
    entity = sets[0].entity
    logic = [_row_logic(group, frame) for group, frame in zip(sets, events, strict=True)]
    for group, rows in zip(sets, logic, strict=True):
        check_key_types(spine.schema, rows.schema, entity)
        _check_types(group, rows)
    streams = tuple(_stream(group, i) for i, group in enumerate(sets))
    frame = spine.select(*_keys(spine.schema, entity), F.struct(*map(column, spine.columns)).alias(SPINE))
    for stream, rows in zip(streams, logic, strict=True):
        present = rows.where(" AND ".join(f"{quoted(key)} IS NOT NULL" for key in entity))
        structs = present.select(*_keys(rows.schema, entity), _struct(stream, rows).alias(stream.column))
        frame = frame.unionByName(structs, allowMissingColumns=True)
    return Stage(entity, streams), frame


def by_key(frame: DataFrame, stage: Stage, partitions: int) -> DataFrame:
    """All rows of a key in one partition; rows without a key are spread by their ``as_of``."""
    keys = [F.col(key_column(i)) for i in range(len(stage.keys))]
    whole = F.concat_ws("", *[F.when(key.isNull(), F.lit("x")) for key in keys]) == ""
    spread = F.xxhash64(F.col(f"{SPINE}.{AS_OF}"))
    return frame.repartition(partitions, F.when(whole, F.xxhash64(*keys)).otherwise(spread))


def _keys(schema: StructType, entity: Sequence[str]) -> list[Column]:
    """The entity's columns under internal names; integers widened, so that equal keys have equal hashes."""
    columns = []
    for i, key in enumerate(entity):
        wide = isinstance(schema[key].dataType, IntegralType)
        columns.append((column(key).cast("bigint") if wide else column(key)).alias(key_column(i)))
    return columns


def _row_logic(group: FeatureSet, events: DataFrame) -> DataFrame:
    """The feature set's columns, with the clock and what orders and identifies events under internal names."""
    source = group.source
    kept = [column(name).alias(f"__order{i}") for i, name in enumerate(source.sequence)]
    kept += [column(source.id).alias("__id")] if group.exclude_self and source.id else []
    kept += [column(group.within_tie).alias("__tie")] if group.within_tie else []
    clock = [name for name in source.clock_columns if name not in group.rows.names]
    rows = events if group.rows.condition is None else events.where(group.rows.condition)
    return rows.select(
        *[F.expr(text).alias(name) for name, text in group.rows.columns],
        *map(column, clock),
        *kept,
        *map(F.col, CLOCK),
    )


def _stream(group: FeatureSet, index: int) -> Stream:
    texts = [text for feature in group.declared for text in (feature.column, feature.where) if text]
    sequence = tuple(f"__order{i}" for i in range(len(group.source.sequence)))
    complete = group.source.complete_from if group.source.incomplete_windows == "null" else None
    return Stream(
        name=group.name,
        column=f"__events{index}",
        entity=group.entity,
        features=tuple(group.declared),
        values=tuple(dict.fromkeys(texts)),
        order=(*sequence, *group.rows.names),
        id=group.source.id if group.exclude_self else None,
        tie=group.within_tie,
        complete_from=None if complete is None else unix_micros(complete),
    )


def unix_micros(time: datetime) -> int:
    """A time with a zone as microseconds since the epoch."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _struct(stream: Stream, rows: DataFrame) -> Column:
    fields = [F.col(EVENT_TIME).alias("time"), F.col(KNOWN_FROM).alias("from"), F.col(KNOWN_TO).alias("to")]
    fields += [F.col("__id").alias("id")] if stream.id else []
    fields += [F.col("__tie").alias("tie")] if stream.tie else []
    fields += [column(name).alias(f"order{i}") for i, name in enumerate(stream.order) if stream.ordered]
    fields += [F.expr(text).alias(stream.value_field(text)) for text in stream.values]
    return F.struct(*fields)


def _check_types(group: FeatureSet, rows: DataFrame) -> None:
    """Every aggregation gets a type that it takes, every condition is boolean, every selected column has an order."""
    for name in group.rows.names:
        if _family(rows.schema[name].dataType) not in ORDERED_TYPES:
            raise DefinitionError(
                sentence(f"Feature set '{group.name}' selects '{name}'", expected="a type with an order",
                         got=rows.schema[name].dataType.simpleString(), fix="Select its parts, or cast it to string.")
            )  # fmt: skip
    for feature in group.declared:
        takes = KINDS[feature.kind].takes
        for text, allowed in ((feature.column, takes), (feature.where, ("boolean",))):
            if text is None:
                continue
            family = _family(rows.select(F.expr(text)).schema[0].dataType)
            if family not in allowed:
                raise DefinitionError(
                    sentence(f"Feature set '{group.name}': '{feature.name}' reads '{text}'",
                             expected=" or ".join(allowed), got=family)
                )  # fmt: skip


def _family(type_: DataType) -> str:
    """A type without its parameters: decimal for decimal(18,2)."""
    return type_.simpleString().split("(")[0].split("<")[0]
