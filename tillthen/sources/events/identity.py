"""Which rows are the same row."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DoubleType, FloatType, MapType, StructType

from tillthen.define.expressions.literals import quoted

ROW = "__row"
_EXACT = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS"}


def with_fingerprint(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Add a 64-bit hash of the named columns: equal for identical rows, nulls and the zeros' signs included.

    Two different rows of one id pass for identical with a chance of 2**-64.
    """
    parts = [part for name in names for part in _parts(F.col(quoted(name)), frame.schema[name].dataType)]
    return frame.withColumn(ROW, F.xxhash64(*parts))


def content(names: Sequence[str]) -> Column:
    """The named columns of a row as JSON, times to the microsecond, whatever the order of ``names``."""
    return F.to_json(F.struct(*[F.col(quoted(name)) for name in sorted(names)]), _EXACT)


def row_key(names: Sequence[str]) -> Column:
    """A row's content as 64 hex digits, for rows that are kept and compared with later ones."""
    return F.sha2(content(names), 256)


def _parts(column: Column, type: DataType) -> list[Column]:
    """What tells two values apart: the hash skips nulls, takes -0.0 for 0.0 and refuses maps."""
    if isinstance(type, MapType):
        column = F.array_sort(F.map_entries(column))
    if isinstance(type, MapType | ArrayType | StructType):
        return [column, column.cast("string")]
    if isinstance(type, DoubleType | FloatType):
        return [column, column.isNull(), F.when(column == 0, column.cast("string"))]
    return [column, column.isNull()]
