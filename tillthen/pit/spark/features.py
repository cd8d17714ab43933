"""The step that computes: a stage's rows through the workers, and the spine's back with their features."""

from __future__ import annotations

from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FractionalType,
    IntegralType,
    LongType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from tillthen.define.features.aggregation import KINDS
from tillthen.pit.partition.stage import AS_OF, SPINE, field_column
from tillthen.pit.partition.worker import carry, run
from tillthen.pit.spark.columns import column
from tillthen.pit.spark.frame import StageRows
from tillthen.runtime.compat import WAITS_IN_JAVA, beside
from tillthen.runtime.workers import in_batches

CARRIED = 8
"""So many columns of the spine go to the workers and come back sooner than they wait for them."""

FIXED = (IntegralType, FractionalType, BooleanType, DateType, TimestampType, TimestampNTZType)


def with_features(found: StageRows, *, last: bool) -> DataFrame:
    """The spine's rows with the stage's features, made partition by partition; after the ``last`` without `AS_OF`.

    A spine of few columns travels to the workers and back, by key and time. Otherwise its rows wait in the JVM, which
    spills them where they are large, and only what features read travels; Spark 3.5 has no such way.
    """
    kept = StructType([found.rows.schema[name] for name in found.kept if not (last and name == AS_OF)])
    made = _given(found)
    if not WAITS_IN_JAVA or (len(kept) <= CARRIED and all(isinstance(field.dataType, FIXED) for field in kept)):
        return _carried(found, kept, made)
    read = {name: column(at) for name, at in found.read.items()}
    is_spine = column(SPINE) if SPINE in found.rows.columns else None
    return beside(found.rows, [*map(column, kept.names)], is_spine, read, partial(run, found.stage), made)


def _carried(found: StageRows, kept: StructType, made: StructType) -> DataFrame:
    sent = list(dict.fromkeys([*kept.names, *found.read.values()]))
    at = {name: i for i, name in enumerate(sent)}
    work = partial(carry, found.stage, kept.names, {name: at[of] for name, of in found.read.items()})
    # Under names of their own: Spark 3.5 would look for fields in names with dots.
    rows = found.rows.select(*[column(name).alias(f"__sent{i}") for name, i in at.items()])
    return in_batches(rows, work, StructType([*kept.fields, *made.fields]))


def _given(found: StageRows) -> StructType:
    """The features with their types."""
    given = []
    for stream in found.stage.streams:
        for feature in stream.features:
            taken = None
            if feature.column is not None:
                taken = found.rows.schema[field_column(stream.column, stream.value_field(feature.column))].dataType
            given.append(StructField(feature.name, _result_type(feature.kind, taken)))
    return StructType(given)


def _result_type(kind: str, taken: DataType | None) -> DataType:
    """The type of an aggregation's result, of the type that it takes."""
    gives = KINDS[kind].gives
    if gives == "bigint":
        return LongType()
    if gives == "double" or taken is None:
        return DoubleType()
    if gives == "same":
        return taken
    if gives == "list":
        return ArrayType(taken)
    if gives == "boolean":
        return BooleanType()
    if isinstance(taken, DecimalType):
        return DecimalType(38, taken.scale)
    return LongType() if isinstance(taken, IntegralType) else DoubleType()
