"""What Python's workers give back, checked before the JVM takes it.

Spark takes the columns of an Arrow batch by position, whatever they are called, rounds decimals of another scale
without a word, and reads a null in a column that is declared without nulls as some value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

Batches = Iterator[pa.RecordBatch]


class WrongColumns(TypeError):
    """A worker gave other columns than it was declared to: a bug, never the data's fault."""


def in_batches(frame: DataFrame, work: Callable[[Batches], Batches], schema: StructType) -> DataFrame:
    """The frame's partitions through ``work``, Arrow batches in and out; its columns are those of ``schema``."""
    return frame.mapInArrow(partial(_checked, work=work, expected=to_arrow_schema(schema)), schema)


def checked_arrays(arrays: Iterable[pa.StructArray], expected: pa.Schema) -> Iterator[pa.StructArray]:
    """Arrays of structs, with the fields that are expected; a row that is null as a whole has none."""
    for array in arrays:
        if pa.types.is_struct(array.type):
            _check([array.type.field(i) for i in range(array.type.num_fields)], expected)
        elif array.null_count < len(array):
            raise WrongColumns(f"A worker gave {array.type}, expected structs of {expected.names}")
        yield array


def _checked(batches: Batches, *, work: Callable[[Batches], Batches], expected: pa.Schema) -> Batches:
    for batch in work(batches):
        _check(list(batch.schema), expected)
        for field, column in zip(expected, batch.columns, strict=True):
            if not field.nullable and column.null_count:
                raise WrongColumns(f"A worker gave {column.null_count} nulls in '{field.name}', expected none")
        yield batch


def _check(given: list[pa.Field], expected: pa.Schema) -> None:
    """The same names in the same order, each with its type."""
    names = [field.name for field in given]
    if names != expected.names:
        raise WrongColumns(f"A worker gave the columns {names}, expected {expected.names}")
    for field, wanted in zip(given, expected, strict=True):
        if not alike(field.type, wanted.type):
            raise WrongColumns(f"A worker gave '{field.name}' as {field.type}, expected {wanted.type}")


def alike(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether the JVM reads one as the other, bit for bit: zones are told apart by whether there is one.

    >>> alike(pa.large_string(), pa.string()), alike(pa.decimal128(38, 3), pa.decimal128(38, 2))
    (True, False)
    """
    kind = pa.types
    if kind.is_timestamp(given) and kind.is_timestamp(wanted):
        return given.unit == wanted.unit and (given.tz is None) == (wanted.tz is None)
    if kind.is_struct(given) and kind.is_struct(wanted):
        fields = [[one.field(i) for i in range(one.num_fields)] for one in (given, wanted)]
        return [f.name for f in fields[0]] == [f.name for f in fields[1]] and all(
            alike(one.type, other.type) for one, other in zip(*fields, strict=True)
        )
    if kind.is_map(given) and kind.is_map(wanted):
        return alike(given.key_type, wanted.key_type) and alike(given.item_type, wanted.item_type)
    lists = (kind.is_list, kind.is_large_list)
    if all(any(test(one) for test in lists) for one in (given, wanted)):
        return alike(given.value_type, wanted.value_type)
    for tests in ((kind.is_string, kind.is_large_string), (kind.is_binary, kind.is_large_binary)):
        if all(any(test(one) for test in tests) for one in (given, wanted)):
            return True
    return bool(given == wanted)
