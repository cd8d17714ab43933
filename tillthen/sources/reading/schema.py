"""A table's columns against the declaration of its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
)

from tillthen.define.faults.errors import DataContractError, DefinitionError, did_you_mean, sentence
from tillthen.define.sources.source import Source
from tillthen.sources.reading.keys import Key, key_faults
from tillthen.sources.reading.text import types_of
from tillthen.sources.reading.times import TIME_FIX, time_fault

_WIDTHS = (ByteType, ShortType, IntegerType, LongType)


def check_columns(frame: DataFrame, source: Source, reads: Sequence[str], where: str) -> None:
    """Refuse a table that lacks a column or has another type than declared; all faults are in the one error.

    Columns that are declared must be there even if nothing reads them; a declared integer may be wider than the
    table's. Times are timestamp, date, or timestamp_ntz with a declared zone. Ids are neither floating nor nested.
    Columns of a CSV file count as the types that they will be read as.
    """
    declared = declared_types(frame, source)
    types = types_of(frame, source, declared)
    faults: list[str] = []
    for name in dict.fromkeys((*reads, *source.columns)):
        faults.extend(_presence(frame, name))
        if name in types:
            faults.extend(_type_faults(source, name, types[name], declared.get(name)))
    if faults:
        raise DataContractError(" ".join(f"{where}: {fault}" for fault in faults))


def declared_types(frame: DataFrame, source: Source) -> dict[str, DataType]:
    """The types that the source declares, as Spark reads them."""
    types = {}
    for name, text in source.columns.items():
        try:
            types[name] = frame.select(F.lit(None).cast(text)).schema[0].dataType
        except PySparkException:
            raise DefinitionError(
                sentence(f"Source '{source.name}' declares '{name}'", expected="a type of Spark", got=repr(text),
                         fix="Use for example 'bigint', 'string', 'decimal(18,2)' or 'timestamp'.")
            ) from None  # fmt: skip
    return types


def _presence(frame: DataFrame, name: str) -> Iterator[str]:
    if name.startswith("__"):
        yield sentence(f"the name '{name}' begins with '__', which is reserved", fix="Rename the column.")
    elif name not in frame.columns:
        struct, _, field = name.partition(".")
        nested = field and struct in frame.columns
        fix = f"Name the field of '{struct}': select({name.split('.')[-1]}='{name}')."
        yield sentence(f"the table lacks '{name}'", fix=fix if nested else did_you_mean(name, frame.columns))
    elif [known.lower() for known in frame.columns].count(name.lower()) > 1:
        yield sentence(f"the table has '{name}' more than once, letter case aside", fix="Rename one of them.")


def _type_faults(source: Source, name: str, type: DataType, declared: DataType | None) -> Iterator[str]:
    got = type.simpleString()
    if declared is not None and not _fits(type, declared):
        yield sentence(f"'{name}'", expected=f"{declared.simpleString()} as declared", got=got,
                       fix="Correct columns= or the table.")  # fmt: skip
    if name in source.times:
        expected = time_fault(type, source.timezone)
        if expected:
            yield sentence(f"time '{name}'", expected=expected, got=got, fix=TIME_FIX)
    if name == source.id:
        yield from key_faults(f"id '{name}'", Key(type, "the table", "Cast it to bigint or string."))
    if name == source.deleted and not isinstance(type, BooleanType):
        yield sentence(f"deleted '{name}'", expected="boolean", got=got, fix="Derive a boolean column.")
    if name in source.sequence and isinstance(type, MapType | ArrayType | StructType):
        yield sentence(f"sequence '{name}'", expected="a type with an order", got=got, fix="Use a number or a time.")


def _fits(type: DataType, declared: DataType) -> bool:
    if isinstance(type, _WIDTHS) and isinstance(declared, _WIDTHS):
        return _WIDTHS.index(type.__class__) <= _WIDTHS.index(declared.__class__)
    return type == declared or (isinstance(type, StringType) and isinstance(declared, StringType))
