"""Decimals of databases that Spark would round without a word: they are read as text, and kept to the last digit."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType, StructType

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence

DIGITS = 38
"""The most that Spark's decimals have."""


def doubtful(schema: StructType, but: str | None) -> dict[str, DecimalType]:
    """The columns that may hold more digits than Spark gives them, with the type that keeps the declared scale.

    Spark says the database's own scale in a column's metadata. ``but`` is a column that parts are cut by.
    """
    return {
        field.name: DecimalType(DIGITS, max(field.dataType.scale, int(field.metadata.get("scale", 0))))
        for field in schema
        if isinstance(field.dataType, DecimalType) and field.dataType.precision == DIGITS and field.name != but
    }


def exact(frame: DataFrame, types: dict[str, DecimalType], where: str) -> DataFrame:
    """A frame whose columns of these names are text, as decimals.

    Raises
    ------
    DataContractError
        Values do not fit: counted by column.
    """
    if not types:
        return frame
    fitting = {name: _value(name, type) for name, type in types.items()}
    misfits = {name: F.col(quoted(name)).isNotNull() & value.isNull() for name, value in fitting.items()}
    found = frame.agg(*[F.count_if(wrong).alias(name) for name, wrong in misfits.items()]).first()
    assert found is not None
    faults = [
        sentence(f"{where}: '{name}' in {count:,} rows", expected=f"{types[name].simpleString()}, with all digits",
                 got="more digits, or no number", fix="Cast it in a query=, to fewer digits or to text.")
        for name, count in found.asDict().items() if count
    ]  # fmt: skip
    if faults:
        raise DataContractError(" ".join(faults))
    return frame.select(
        *[fitting[name].alias(name) if name in fitting else F.col(quoted(name)) for name in frame.columns]
    )


def _value(name: str, type: DecimalType) -> Column:
    """The value, null where the text has other digits than the type."""
    whole, scale = type.precision - type.scale, type.scale
    form = rf"^[+-]?0*\d{{0,{whole}}}(\.\d{{0,{scale}}}0*)?$"
    cast = F.expr(f"try_cast({quoted(name)} AS {type.simpleString()})")
    return F.when(F.col(quoted(name)).rlike(form), cast)
