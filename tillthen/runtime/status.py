"""Files of a run's facts: written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from tillthen.define.faults.errors import ConfigurationError, TillthenError
from tillthen.define.faults.secrets import hidden_in
from tillthen.runtime.disk import unwritten


def write_status(path: Path, facts: Mapping[str, object]) -> Path:
    """Write facts as JSON with sorted keys; a reader sees the old file or the new one, whenever the writer dies.

    Secrets in their texts are hidden.

    Raises
    ------
    ConfigurationError
        The disk is full or not writable.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(hidden_in(facts), file, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise unwritten(path, error.strerror) from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path


@contextmanager
def recorded(path: Path, command: str) -> Iterator[dict[str, object]]:
    """Keep ``path`` at what a command does: running, then succeeded or failed with its exit code and error.

    What the block puts into the yielded facts is kept too. A status that still says running, with a process id that is
    gone, was killed.
    """
    facts: dict[str, object] = {"command": command, "process": os.getpid(), "started": _now(), "state": "running"}
    write_status(path, facts)
    try:
        yield facts
    except BaseException as error:
        code = error.exit_code if isinstance(error, TillthenError) else 1
        told = str(error) or type(error).__name__
        with suppress(ConfigurationError):  # a full disk is what the error may be about
            write_status(path, facts | {"state": "failed", "exit_code": code, "error": told, "finished": _now()})
        raise
    write_status(path, facts | {"state": "succeeded", "exit_code": 0, "finished": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
