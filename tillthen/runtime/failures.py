"""The product's own errors, out of Spark's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException

from tillthen.define.faults import errors
from tillthen.define.faults.errors import (
    ConfigurationError,
    DataContractError,
    DefinitionError,
    TillthenError,
    sentence,
)

_RAISED = re.compile(rf"{re.escape(errors.__name__)}\.(\w+): (.+)")
# SQLSTATE classes of the standard: 22 is wrong data, 42 is a wrong statement.
_STATE = re.compile(r"\[[A-Z0-9_.]+\] (.+?)\.? SQLSTATE: (22|42)", re.DOTALL)
# Spark 3.5 does not print them: its kinds of exception for wrong data.
_WRONG_DATA = re.compile(r"Spark(?:Arithmetic|DateTime|NumberFormat)Exception: \[[A-Z0-9_.]+\] ([^.]+)\.")
_WRONG_STATEMENT = re.compile(r"^\[[A-Z0-9_.]+\] (.+?)\.?;", re.DOTALL)
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "Permission denied", "Read-only file system",
            "Mkdirs failed")  # fmt: skip


@contextmanager
def worker_errors() -> Iterator[None]:
    """Raise as themselves the product's errors that a Python worker met; Spark wraps them in its own.

    To be put around every action on frames of the engine.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found = _RAISED.search(str(error))
        if found is None:
            raise
        raise getattr(errors, found[1])(found[2].strip()) from None


@contextmanager
def expression_errors(where: str) -> Iterator[None]:
    """Raise as one line what Spark says of a row expression that is wrong, or that a value does not suit."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found = _STATE.search(str(error)) or _WRONG_DATA.search(str(error))
        if found is None:
            said = _WRONG_STATEMENT.search(str(error)) if isinstance(error, AnalysisException) else None
            if said is None:
                raise
            raise DefinitionError(sentence(f"{where}: {' '.join(said[1].split())}")) from None
        kind: type[TillthenError] = DefinitionError if found.groups()[1:] == ("42",) else DataContractError
        raise kind(sentence(f"{where}: {' '.join(found[1].split())}")) from None


@contextmanager
def storage_errors(path: str) -> Iterator[None]:
    """Raise a full or read-only disk as one line; an atomic write has then left ``path`` as it was."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        reason = next((reason for reason in _NO_ROOM if reason in str(error)), None)
        if reason is None:
            raise
        raise ConfigurationError(
            sentence(f"{path} could not be written: {reason}. It is as it was before",
                     fix="Free some space or give another --set warehouse=DIR, and run again.")
        ) from None  # fmt: skip
