"""Facts of earlier runs, kept beside those of the last one: ``history/0003-9f2c41d0a7e5.json``.

Facts hold no clock, so the order of runs is the number in the name; the rest of the name is a hash of the content.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tillthen.define.faults.errors import ReportError, sentence

HISTORY = "history"
NAME = re.compile(r"(\d{4,})-([0-9a-f]{12})\.json")


def keep(facts: Path) -> Path:
    """Keep a copy of the facts unless the newest one that is kept is the same, and give the copy's path.

    Raises
    ------
    ReportError
        The facts cannot be read or the copy cannot be written.
    """
    try:
        content = facts.read_bytes()
        digest, earlier = sha256(content).hexdigest()[:12], runs(facts)
        if earlier and digest in earlier[-1].name:
            return earlier[-1]
        number = int(earlier[-1].name.partition("-")[0]) + 1 if earlier else 1
        return _write(facts.parent / HISTORY / f"{number:04d}-{digest}.json", content)
    except OSError as error:
        raise ReportError(sentence(f"'{facts}' cannot be kept in '{HISTORY}': {error.strerror}",
                                   fix="Free space or choose a writable warehouse.")) from error  # fmt: skip


def runs(facts: Path) -> list[Path]:
    """The kept facts of a backtest, oldest first."""
    found = [path for path in (facts.parent / HISTORY).glob("*.json") if NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: (int(path.name.partition("-")[0]), path.name))


def _write(target: Path, content: bytes) -> Path:
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target
