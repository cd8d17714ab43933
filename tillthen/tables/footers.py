"""What the files of a Parquet folder say of their columns, without Spark and mostly without reading a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs

from tillthen.tables.credentials import of_path
from tillthen.tables.globs import hidden, matching

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def footers(path: str, options: Mapping[str, str], columns: Mapping[str, str]) -> list[dict[str, object]] | None:
    """One dict for each file under a path: size, rows, and bounds of the columns, named as a Delta log's files are.

    ``columns`` are ``{name in the file: name in the dict}``.
    Bounds come from the statistics of each row group; of a column that was written without any, as Spark's older
    timestamps are, the values are read. A column of nulls alone has no bounds: they are None. ``options`` are of the
    store, as `tillthen.tables.log.storage_options` gives them. None where there is nothing that can be listed.
    """
    try:
        system, root = _system(path, options)
        listed = [file for file in _files(system, root) if file.size]
        return [dict(_footer(system, file, columns)) for file in listed]
    except (OSError, pa.ArrowException):
        return None


def _system(path: str, options: Mapping[str, str]) -> tuple[fs.FileSystem, str]:
    scheme, rest = _parted(path)
    if not scheme:
        return fs.LocalFileSystem(), rest
    if scheme in ("hdfs", "viewfs"):
        host, _, below = rest.partition("/")
        return fs.FileSystem.from_uri(f"{scheme}://{host}/")[0], f"/{below}"
    if scheme not in ("s3", "s3a", "s3n"):
        raise OSError(f"{scheme} is no store whose login Spark's settings tell")
    names = {"access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY",
             "session_token": "AWS_SESSION_TOKEN", "endpoint_override": "AWS_ENDPOINT_URL",
             "region": "AWS_REGION"}  # fmt: skip
    given = of_path(path, options)
    return fs.S3FileSystem(**{ours: given[theirs] for ours, theirs in names.items() if theirs in given}), rest


def _parted(path: str) -> tuple[str, str]:
    """The scheme of a path and what follows it; this machine's files have none. Nothing is decoded: "%20" is a name."""
    scheme, found, rest = path.partition("://")
    if not found:
        return "", path.removeprefix("file:")
    return ("", rest) if scheme == "file" else (scheme, rest)


def _files(system: fs.FileSystem, root: str) -> list[fs.FileInfo]:
    """The files that Spark would read: those whose names, and whose folders' names, are not hidden."""
    return [file for info in matching(system, root) for file in _within(system, info)]


def _within(system: fs.FileSystem, info: fs.FileInfo) -> list[fs.FileInfo]:
    if info.type == fs.FileType.File:
        return [info]
    found = system.get_file_info(fs.FileSelector(info.path, recursive=True))
    return [file for file in found if file.type == fs.FileType.File and not hidden(file.path[len(info.path) :])]


def _footer(system: fs.FileSystem, file: fs.FileInfo, columns: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    with system.open_input_file(file.path) as opened:
        parquet = pq.ParquetFile(opened)
        yield from {"path": file.path, "size_bytes": file.size, "num_records": parquet.metadata.num_rows}.items()
        for name, told in columns.items():
            if name in parquet.schema_arrow.names:
                found = [_of_group(parquet, group, name) for group in range(parquet.num_row_groups)]
                yield f"null_count.{told}", sum(nulls for nulls, _ in found)
                ends = [end for _, bounds in found for end in bounds]
                yield from {f"min.{told}": min(ends, default=None), f"max.{told}": max(ends, default=None)}.items()


def _of_group(parquet: pq.ParquetFile, number: int, name: str) -> tuple[int, list[Any]]:
    """How many rows of a row group are null, and the least and the greatest of the others, if there are any."""
    group = parquet.metadata.row_group(number)
    parts = [group.column(i) for i in range(group.num_columns)]
    part = next((part for part in parts if part.path_in_schema == name), None)
    told = None if part is None else part.statistics
    if told is not None and told.has_null_count and (told.has_min_max or not told.num_values):
        ends = [(told.min_raw, lambda: told.min), (told.max_raw, lambda: told.max)] if told.has_min_max else []
        return told.null_count, [_instant(*end) for end in ends]
    values = parquet.read_row_group(number, columns=[name])[name]
    if part is not None and part.physical_type == "INT96":
        values = values.cast(pa.timestamp("us", "UTC"), safe=False)
    if values.null_count == len(values):
        return values.null_count, []
    both = pc.min_max(values)
    return values.null_count, [_instant(getattr(both[end], "value", 0), both[end].as_py) for end in ("min", "max")]


def _instant(raw: Any, value: Callable[[], Any]) -> Any:
    """A time with a zone in UTC; what is beyond Python's calendar as its end."""
    try:
        found = value()
    except (OverflowError, ValueError):
        return LAST if raw > 0 else FIRST
    return found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo is not None else found
