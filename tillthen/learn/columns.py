"""The columns of a model's matrix, made by Spark: the same numbers as on one node."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.learn.encoding import MOST_CATEGORIES, Encoding, ordered


def spark_encoding(frame: DataFrame, names: Sequence[str], categorical: Sequence[str]) -> Encoding:
    """Number the values of categorical columns, found by Spark."""
    found = {}
    for name in names:
        if name in categorical:
            column = F.col(quoted(name))
            rows = frame.select(column.alias("value")).where("value IS NOT NULL").distinct().limit(MOST_CATEGORIES + 1)
            found[name] = ordered(name, [row["value"] for row in rows.collect()])
    return Encoding(tuple(names), found)


def spark_columns(encoding: Encoding) -> list[Column]:
    """The columns of the encoding's matrix."""

    def column(name: str) -> Column:
        if name not in encoding.categories:
            return F.col(quoted(name)).cast("double").alias(name)
        values = encoding.categories[name]
        if not values:
            return F.lit(None).cast("double").alias(name)
        codes = F.create_map(*chain.from_iterable((F.lit(value), F.lit(float(i))) for i, value in enumerate(values)))
        return F.try_element_at(codes, F.col(quoted(name))).alias(name)

    return [column(name) for name in encoding.features]
