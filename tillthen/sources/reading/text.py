"""Columns of CSV files: text, turned strictly into the types that a source declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    NumericType,
    TimestampNTZType,
    TimestampType,
)

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence
from tillthen.define.sources.source import Source

_FILE = "tillthen.text_of"
_TIME = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?"
_ZONE = r" ?(Z|UTC|[+-]\d{2}:\d{2})"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)"


def as_text(frame: DataFrame, path: str) -> DataFrame:
    """Mark every column as text of a file; the mark goes with the column through selections."""
    return frame.select(*[F.col(quoted(name)).alias(name, metadata={_FILE: path}) for name in frame.columns])


def types_of(frame: DataFrame, source: Source, declared: Mapping[str, DataType]) -> dict[str, DataType]:
    """The types of the columns once `typed`: what is not text stays as it is, text becomes what is declared.

    A time without a declared type is read as a timestamp_ntz where the source declares a timezone, else as a
    timestamp, which must carry its zone. Other columns without one stay text.
    """
    time = TimestampNTZType() if source.timezone else TimestampType()
    times = dict.fromkeys(source.times, time)
    becomes = {**times, **declared}
    return {f.name: becomes.get(f.name, f.dataType) if _FILE in f.metadata else f.dataType for f in frame.schema}


def typed(frame: DataFrame, source: Source, names: Sequence[str], declared: Mapping[str, DataType]) -> DataFrame:
    """The named columns, of the types that `types_of` says.

    Raises
    ------
    DataContractError
        Text that is no value of its type: names the file, the column, how many and the three least.
    """
    types = types_of(frame, source, declared)
    read = {name: types[name] for name in names if types[name] != frame.schema[name].dataType}
    _refuse_misfits(frame, read)
    return frame.select(
        *[_value(name, types[name]).alias(name) if name in read else F.col(quoted(name)) for name in names]
    )


def _form(type: DataType) -> tuple[str, str]:
    """What a value of this type must look like: in words, and as a regular expression."""
    match type:
        case TimestampType():
            return "a time with a zone, such as 2026-01-31T10:30:00.123456Z", _TIME + _ZONE
        case TimestampNTZType():
            return "a time without a zone, such as 2026-01-31 10:30:00.123456", _TIME
        case DateType():
            return "a date such as 2026-01-31", r"\d{4}-\d{2}-\d{2}"
        case DecimalType():
            return type.simpleString(), rf"[+-]?(\d+|(?=\.\d))(\.\d{{0,{type.scale}}}0*)?"
        case NumericType():
            return type.simpleString(), rf"{_NUMBER}([eE][+-]?\d+)?|[+-]?Infinity|NaN"
        case BooleanType():
            return "true or false", r"(?i)true|false"
        case _:
            raise DefinitionError(sentence(f"A column of type {type.simpleString()} in a CSV file",
                                           fix="Declare a number, string, boolean, date or timestamp."))  # fmt: skip


def _value(name: str, type: DataType) -> Column:
    """The value, null where the text is no value of the type."""
    text = F.col(quoted(name))
    return F.when(text.rlike(f"^({_form(type)[1]})$"), F.expr(f"try_cast({quoted(name)} AS {type.simpleString()})"))


def _refuse_misfits(frame: DataFrame, wanted: Mapping[str, DataType]) -> None:
    if not wanted:
        return
    misfit = {name: F.col(quoted(name)).isNotNull() & _value(name, type).isNull() for name, type in wanted.items()}
    counts = frame.agg(*[F.count_if(wrong).alias(name) for name, wrong in misfit.items()]).first()
    assert counts is not None
    faults = []
    for name, count in counts.asDict().items():
        if count:
            column = F.col(quoted(name)).alias("value")
            found = frame.where(misfit[name]).select(column).distinct().orderBy("value").limit(3).collect()
            file = frame.schema[name].metadata[_FILE]
            expected, got = _form(wanted[name])[0], ", ".join(repr(one["value"]) for one in found)
            faults.append(sentence(f"{file}: '{name}' in {count} rows", expected=expected, got=got))
    if faults:
        raise DataContractError(" ".join(faults))
