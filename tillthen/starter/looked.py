"""What a table that exists shows of itself: its columns, their types, and what is in them. Without Spark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from pyarrow.csv import ConvertOptions

from tillthen.define.errors import ConfigurationError, sentence
from tillthen.define.mapped import refuse_mapped

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
        """Whether it may tell entities apart: text or integers."""
        return bool(pa.types.is_integer(self.arrow) or self.type == "string")


@dataclass(frozen=True)
class Table:
    """A table, how the configuration reads it, its rows in all, and the sample of them."""

    name: str
    format: str
    path: Path
    data: ds.Dataset
    rows: int
    sample: pa.Table
    columns: tuple[Column, ...]

    def extent(self, column: str) -> tuple[Any, Any]:
        """The least and the greatest value of a column, over all rows."""
        found = [pc.min_max(batch[column]).as_py() for batch in self.data.to_batches(columns=[column]) if len(batch)]
        there = [(one["min"], one["max"]) for one in found if one["min"] is not None]
        return (min(low for low, _ in there), max(high for _, high in there)) if there else (None, None)


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
    columns = tuple(_column(name, sample[name]) for name in sample.column_names)
    return Table(_name(path), kind, path, data, rows, sample, columns)


def _dataset(path: Path, kind: str) -> ds.Dataset:
    """The table's rows; numbers of a CSV that begin with a zero, as of accounts and cards, stay text."""
    if kind == "delta":
        log = DeltaTable(path)
        refuse_mapped(log)
        return log.to_pyarrow_dataset()
    found = ds.dataset(path, format=kind)
    if kind == "parquet":
        return found
    text = {name: pa.string() for name in found.schema.names}
    as_text = ds.dataset(path, format=ds.CsvFileFormat(convert_options=ConvertOptions(column_types=text))).head(SAMPLE)
    padded = {field.name: pa.string() for field in found.schema if pa.types.is_integer(field.type)
              and pc.any(pc.match_substring_regex(as_text[field.name], r"^0\d")).as_py()}  # fmt: skip
    return ds.dataset(path, format=ds.CsvFileFormat(convert_options=ConvertOptions(column_types=padded)))


def _format(path: Path) -> str:
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
    """The table's name as an identifier of Python."""
    stem = path.stem if path.is_file() else path.name
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in stem).strip("_").lower()
    return name if name and not name[0].isdigit() else f"table_{name}".rstrip("_")


def _column(name: str, values: pa.ChunkedArray) -> Column:
    plain = values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values
    least = greatest = None
    if _ordered(plain.type):
        extremes = pc.min_max(plain).as_py()
        least, greatest = extremes["min"], extremes["max"]
    distinct = 0 if pa.types.is_nested(plain.type) else pc.count_distinct(plain).as_py()
    return Column(name, spark_type(plain.type), plain.type, len(plain), plain.null_count, distinct, least, greatest,
                  _decimals(plain))  # fmt: skip


def _ordered(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_timestamp, pa.types.is_date)
    return any(test(kind) for test in tests)


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
