"""What a table that exists shows of itself: its columns, their types, and what is in them. Without Spark."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from pyarrow.csv import ConvertOptions

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.define.sources.column_mapping import refuse_mapped
from tillthen.define.tables.delta_names import plain_name, refused_names

OUTCOMES = "outcomes"
"""The name of the source of what came of the table's rows, so no name of a table."""

SAMPLE = 500_000
"""As many rows are looked at, from the table's beginning; all of them are counted."""


@dataclass(frozen=True)
class Column:
    """One column, as the sample shows it.

    ``type`` is in Spark's words, None where Spark has no such type; ``least`` and ``greatest`` are of what can be
    ordered. ``finest`` is the number of decimals of the amounts in it, None for what is no number or has more than 6.
    """

    name: str
    type: str | None
    arrow: pa.DataType
    rows: int
    nulls: int
    distinct: int
    least: object = None
    greatest: object = None
    finest: int | None = None

    @property
    def is_time(self) -> bool:
        """Whether it holds instants or days."""
        return bool(pa.types.is_timestamp(self.arrow) or pa.types.is_date(self.arrow))

    @property
    def is_number(self) -> bool:
        """Whether it holds integers, decimals or doubles."""
        kind = pa.types
        return bool(kind.is_integer(self.arrow) or kind.is_decimal(self.arrow) or kind.is_floating(self.arrow))

    @property
    def can_be_key(self) -> bool:
        """Whether it may tell entities apart: text or whole numbers."""
        whole = pa.types.is_integer(self.arrow) or (pa.types.is_decimal(self.arrow) and self.arrow.scale == 0)
        return self.type is not None and bool(whole or self.type == "string")


@dataclass(frozen=True)
class Table:
    """A table, how the configuration reads it, its rows in all, and the sample of them.

    ``rename`` is what the columns are called here whose own names no feature table can have.
    """

    name: str
    format: str
    path: Path
    data: ds.Dataset
    rows: int
    sample: pa.Table
    columns: tuple[Column, ...]
    rename: dict[str, str] = field(default_factory=dict)

    def repeats(self, column: str) -> tuple[int, bool]:
        """How many rows of the sample share their value of a column with an earlier row, and if all are its equals."""
        values = self.sample[column]
        counted = pc.value_counts(values.combine_chunks())
        again = counted.filter(pc.greater(counted.field("counts"), 1)).field("values")
        rows = self.sample.filter(pc.is_in(values, value_set=again)).to_pylist()
        return len(rows) - len(again), len({repr(row) for row in rows}) == len(again)

    def read(self, *columns: str) -> pa.Table:
        """Some columns of all rows, by the names that they have here."""
        old = {new: name for name, new in self.rename.items()}
        return self.data.to_table(columns=[old.get(name, name) for name in columns]).rename_columns(list(columns))

    def extent(self, column: str) -> tuple[Any, Any]:
        """The least and the greatest value of a column, over all rows."""
        return _extremes(self.read(column)[column])


def look(path: Path) -> Table:
    """Look at a Parquet file or folder, a Delta table, or a CSV file.

    Raises
    ------
    ConfigurationError
        There is nothing at the path, it is none of these, or it has no rows.
    """
    kind = _format(path)
    try:
        data = _dataset(path, kind)
        rows, sample = data.count_rows(), data.head(SAMPLE)
    except (pa.ArrowException, DeltaError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(sentence(f"{path}: cannot be read as {kind}: {reason}")) from None
    if not rows:
        raise ConfigurationError(sentence(f"{path}", expected="a table with rows", got="none"))
    rename = _rename(sample.column_names)
    sample = sample.rename_columns([rename.get(name, name) for name in sample.column_names])
    columns = tuple(_column(name, sample[name]) for name in sample.column_names)
    return Table(_name(path), kind, path, data, rows, sample, columns, rename)


def _rename(names: list[str]) -> dict[str, str]:
    """Names that a feature table can have, each once, for those that it cannot."""
    found: dict[str, str] = {}
    taken = {name.lower() for name in names}
    for name in refused_names(names):
        plain = plain_name(name)
        tries = (plain if i == 1 else f"{plain}_{i}" for i in count(1))
        new = next(one for one in tries if one.lower() not in taken)
        taken.add(new.lower())
        found[name] = new
    return found


def _dataset(path: Path, kind: str) -> ds.Dataset:
    """The table's rows; numbers of a CSV that begin with a zero, as of accounts and cards, stay text."""
    if kind == "delta":
        log = DeltaTable(path)
        refuse_mapped(log)
        return log.to_pyarrow_dataset()
    if kind == "parquet":
        return ds.dataset(path, format=kind, partitioning="hive" if path.is_dir() else None)
    found = ds.dataset(path, format=kind)
    text = {name: pa.string() for name in found.schema.names}
    as_text = ds.dataset(path, format=ds.CsvFileFormat(convert_options=ConvertOptions(column_types=text))).head(SAMPLE)
    types = {field.name: pa.string() for field in found.schema if pa.types.is_integer(field.type)
             and pc.any(pc.match_substring_regex(as_text[field.name], r"^0\d")).as_py()}  # fmt: skip
    # Arrow takes parts of a second for nanoseconds; only the type that tillthen reads is of interest here.
    types |= {field.name: pa.timestamp("us", field.type.tz) for field in found.schema
              if pa.types.is_timestamp(field.type) and field.type.unit == "ns"}  # fmt: skip
    return ds.dataset(path, format=ds.CsvFileFormat(convert_options=ConvertOptions(column_types=types)))


def _format(path: Path) -> str:
    scheme, elsewhere, rest = str(path).partition(":/")
    if elsewhere and "/" not in scheme:
        raise ConfigurationError(
            sentence(f"{scheme}://{rest.lstrip('/')}: init reads this machine's disks",
                     fix="Copy a piece of it here, and set its path in conf/local.yaml afterwards.")
        )  # fmt: skip
    if not path.exists():
        raise ConfigurationError(sentence(f"{path}: no such file or folder", fix="Give --from FILE: Parquet, Delta "
                                          "or CSV."))  # fmt: skip
    if (path / "_delta_log").is_dir():
        return "delta"
    ends = {end.suffix.lower() for end in ([path] if path.is_file() else path.rglob("*"))}
    for kind, endings in (("parquet", {".parquet", ".pq"}), ("csv", {".csv"})):
        if ends & endings:
            return kind
    raise ConfigurationError(
        sentence(f"{path}", expected="Parquet, Delta or CSV", got=" ".join(sorted(ends)) or "none")
    )


def _name(path: Path) -> str:
    """The table's name as an identifier of Python that is no word of the language, nor taken by the proposal."""
    stem = path.stem if path.is_file() else path.name
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in stem).strip("_").lower()
    plain = name and not name[0].isdigit() and not keyword.iskeyword(name) and name != OUTCOMES
    return name if plain else f"table_{name}".rstrip("_")


def _column(name: str, values: pa.ChunkedArray) -> Column:
    plain = values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values
    least, greatest = _extremes(plain) if _ordered(plain.type) else (None, None)
    return Column(name, spark_type(plain.type), plain.type, len(plain), plain.null_count, _distinct(plain), least,
                  greatest, _decimals(plain))  # fmt: skip


def _distinct(values: pa.ChunkedArray) -> int:
    """How many different values there are; 0 of types that Arrow does not compare."""
    try:
        return int(pc.count_distinct(values).as_py())
    except pa.ArrowNotImplementedError:
        return 0


def _extremes(values: pa.Array) -> tuple[Any, Any]:
    """The least and the greatest value; None where there is none, or where Python has no such time."""
    found = pc.min_max(values)
    try:
        return found["min"].as_py(), found["max"].as_py()
    except (OverflowError, ValueError):
        return None, None


def _ordered(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_timestamp, pa.types.is_date)
    return any(test(kind) for test in tests) and not pa.types.is_float16(kind)


def _decimals(values: pa.ChunkedArray) -> int | None:
    """The fewest decimals, at most 6, that hold every value."""
    kind = values.type
    if pa.types.is_integer(kind):
        return 0
    if not (pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    numbers = pc.drop_null(values.cast(pa.float64()))
    return next((places for places in range(7) if _holds(numbers, places)), None)


def _holds(numbers: pa.ChunkedArray, places: int) -> bool:
    off = pc.abs(pc.subtract(pc.round(numbers, places), numbers))
    return bool(pc.all(pc.less(off, 1e-8)).as_py())


_TYPES = {
    pa.int8(): "tinyint", pa.int16(): "smallint", pa.int32(): "int", pa.int64(): "bigint", pa.float32(): "float",
    pa.float64(): "double", pa.bool_(): "boolean", pa.date32(): "date", pa.string(): "string",
    pa.large_string(): "string", pa.string_view(): "string",
}  # fmt: skip


def spark_type(kind: pa.DataType) -> str | None:
    """An Arrow type in Spark's words; None where Spark has none (unsigned, nanoseconds) or it is nested."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})" if kind.precision <= 38 else None
    if pa.types.is_timestamp(kind):
        return None if kind.unit == "ns" else "timestamp" if kind.tz else "timestamp_ntz"
    return _TYPES.get(kind)
