"""Frames of other kinds, as Spark's and back: pandas, Polars and Arrow.

Arrow is what they share: 64-bit integers and decimals stay exact, and null stays apart from NaN. Only in pandas' own
columns of floats NaN is the mark of a missing value, and is taken as null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession

from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    Frame = DataFrame | pd.DataFrame | pl.DataFrame | pa.Table
    """A frame of any kind that is taken."""

_KINDS = "a Spark, pandas or Polars frame or an Arrow table"
_LARGE = {pa.large_string(): pa.string(), pa.string_view(): pa.string(), pa.large_binary(): pa.binary(),
          pa.binary_view(): pa.binary(), pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(),
          pa.uint64(): pa.int64(), pa.float16(): pa.float32(), pa.date64(): pa.date32()}  # fmt: skip


def kind(frame: object) -> str:
    """What a frame is one of: "spark", "pandas", "polars" or "arrow"; "" for what is no frame."""
    room = type(frame).__module__.split(".")[0]
    if isinstance(frame, pa.Table):
        return "arrow"
    if isinstance(frame, DataFrame) or (room == "pyspark" and type(frame).__name__ == "DataFrame"):
        return "spark"
    return room if room in ("pandas", "polars") and type(frame).__name__ == "DataFrame" else ""


def arrow(frame: Any, what: str) -> pa.Table:
    """A frame that is none of Spark's as an Arrow table of types that Spark has.

    Raises
    ------
    DefinitionError
        It is no frame.
    DataContractError
        A value does not fit Spark's type: nanoseconds, or an unsigned integer beyond 63 bits.
    """
    match kind(frame):
        case "arrow":
            _refuse_twice(frame.column_names, what)
            table = frame
        case "pandas":
            table = _of_pandas(frame, what)
        case "polars":
            table = frame.to_arrow()
        case _:
            fix = "Call its collect()." if type(frame).__name__ == "LazyFrame" else None
            raise DefinitionError(sentence(what, expected=_KINDS, got=type(frame).__name__, fix=fix))
    columns = [_plain(table[name], f"{what} '{name}'") for name in table.column_names]
    return pa.table(columns, names=table.column_names)


def _refuse_twice(names: Sequence[str], what: str) -> None:
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise DataContractError(sentence(f"{what} has two columns '{twice}'", fix="Rename one of them."))


def _of_pandas(frame: pd.DataFrame, what: str) -> pa.Table:
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd:
        raise DataContractError(sentence(f"{what} has a column {odd[0]!r}", expected="names that are text"))
    _refuse_twice(list(frame.columns), what)
    columns = []
    for name in frame.columns:
        try:
            found = pa.array(frame[name].array, from_pandas=True)
            columns.append(found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found]))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DataContractError(sentence(f"{what} '{name}': {' '.join(str(error).split())}")) from None
    return pa.table(columns, names=list(frame.columns))


def _plain(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """A column as the nearest type that Spark has."""
    type = column.type
    if pa.types.is_dictionary(type):
        return _plain(column.cast(type.value_type), where)
    wanted = _LARGE.get(type, type)
    if pa.types.is_timestamp(type):
        wanted = pa.timestamp("us", type.tz)
    if not _spark_has(wanted):
        raise DataContractError(sentence(where, expected="a type that Spark has", got=type, fix="Cast the column."))
    if wanted == type:
        return column
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid as error:
        raise DataContractError(sentence(f"{where} has values that do not fit {wanted}: {error}",
                                         fix="Round them, or cast the column.")) from None  # fmt: skip


def _spark_has(type: pa.DataType) -> bool:
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import from_arrow_type

    try:
        from_arrow_type(type)
    except PySparkException:
        return False
    return not pa.types.is_time(type) and not pa.types.is_decimal256(type)


def spark_frame(table: pa.Table, session: SparkSession) -> DataFrame:
    """An Arrow table in Spark; times without a zone stay without one, as `TimestampNTZType`."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame(table, schema=from_arrow_schema(table.schema, prefer_timestamp_ntz=True))


def like(frame: Any, table: pa.Table) -> Any:
    """An Arrow table as a frame of the kind of ``frame``; one of pandas has Arrow's types and the same index."""
    match kind(frame):
        case "pandas":
            import pandas as pd

            made = table.to_pandas(types_mapper=pd.ArrowDtype)
            return made.set_axis(frame.index, axis="index")
        case "polars":
            import polars as pl

            return pl.from_arrow(table)
        case _:
            return table


def placed(table: pa.Table, number: str) -> pa.Table:
    """The rows in the order of a column of numbers, without it."""
    order = pc.sort_indices(table[number])
    return table.take(order).drop_columns([number])
