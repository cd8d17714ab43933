"""Bounds of files that leave NaN out: what a filter on a double must not be answered by.

In Spark NaN is greater than all else. Writers other than Spark give the least and the greatest number beside it, and
Spark passes over files and groups of rows by these: a row with NaN is lost under ``x > 5``.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DoubleType, FloatType, StructType

from tillthen.define.expressions.literals import quoted


def with_nan(frame: DataFrame) -> DataFrame:
    """The same rows, whose doubles no file's bounds can answer for; other columns prune as before."""
    names = [name.lower() for name in frame.columns]
    once = [field for field in frame.schema if names.count(field.name.lower()) == 1]
    opaque = {f.name: _opaque(F.col(quoted(f.name)), f.dataType) for f in once if _holds_doubles(f.dataType)}
    return frame.withColumns(opaque) if opaque else frame


def _holds_doubles(type: DataType) -> bool:
    if isinstance(type, StructType):
        return any(_holds_doubles(field.dataType) for field in type)
    return isinstance(type, DoubleType | FloatType)


def _opaque(column: Column, type: DataType) -> Column:
    """The value itself, to the bit, in words that a scan does not understand."""
    if not isinstance(type, StructType):
        return F.nanvl(column, F.lit(float("nan")).cast(type))
    whole = column
    for field in type:
        if _holds_doubles(field.dataType):
            whole = whole.withField(quoted(field.name), _opaque(column.getField(field.name), field.dataType))
    return whole
