"""Tables that cannot be read: Spark's exceptions as one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from tillthen.define.faults.errors import ConfigurationError, DataContractError, TillthenError, sentence

# Marks in the text of Spark's exception, the most telling first: Spark wraps some of them in the others.
_MISSING = {
    "PATH_NOT_FOUND": "there is nothing",
    "DELTA_PATH_DOES_NOT_EXIST": "there is nothing",
    "DELTA_MISSING_DELTA_TABLE": "there is no Delta table",
    "DELTA_TABLE_NOT_FOUND": "there is no Delta table",
    "DELTA_TABLE_ONLY_OPERATION": "there is no Delta table",
    "UNABLE_TO_INFER_SCHEMA": "there are no files",
}
_UNREADABLE = {
    "TIMESTAMP(NANOS": ("times in nanoseconds", "Write them in microseconds: coerce_timestamps='us' in pyarrow."),
    "PARQUET_TYPE_ILLEGAL": ("a type that Spark cannot read", "Write the column as another type."),
    "CSV header does not conform": ("a header that differs from the first file's", "Write all files with one header."),
    "MALFORMED_RECORD_IN_PARSING": ("a line that does not fit the header", "Correct the line, or the sep and quote "
                                    "options of the table."),
    "is not a Parquet file": ("a file that is not Parquet, or cut short", "Write it again, or correct the format."),
    "CANNOT_READ_FILE_FOOTER": ("a damaged file", "Write it again, or correct the table's format."),
    "Permission denied": ("a file that this user may not read", "Change its permissions."),
    "FAILED_READ_FILE.FILE_NOT_EXIST": ("a file that has vanished", "Run again once nothing rewrites the table."),
    "FAILED_READ_FILE": ("a damaged file", "Write it again."),
    "Encountered error while reading file": ("a damaged file", "Write it again."),  # as Spark 3.5 says it
}  # fmt: skip

_ELSEWHERE = "Correct its path or format under 'tables:' in the configuration."


@contextmanager
def readable(where: str, path: str = "its path") -> Iterator[None]:
    """Within the block, raise a failure to read a table as one line; other failures stay as they are.

    Raises
    ------
    ConfigurationError
        There is no table.
    DataContractError
        There is one that cannot be read.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        told = _told(where, path, str(error))
        if told is None:
            raise
        raise told from None


def _told(where: str, path: str, text: str) -> TillthenError | None:
    for mark, what in _MISSING.items():
        if mark in text:
            return ConfigurationError(sentence(f"{where}: {what} at {path}", fix=_ELSEWHERE))
    for mark, (what, fix) in _UNREADABLE.items():
        if mark in text:
            file = re.search(r"\b(?:file|s3a?|hdfs|abfss?|gs):/\S+?(?=[.,;:]?(?:\s|$))", text)
            return DataContractError(sentence(f"{where}: {file[0] if file else path} holds {what}", fix=fix))
    return None
