"""Whether a warehouse can be written, known before anything expensive starts."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime.config import is_local

LEAST_FREE = 256 * 2**20


def check_writable(warehouse: str, needed: int = LEAST_FREE) -> None:
    """Make the warehouse's folder and refuse one that takes no files or has less than ``needed`` bytes left.

    A warehouse at a URI is left to the write, which fails whole.
    """
    if not is_local(warehouse):
        return
    folder = Path(warehouse)
    fix = "Give another with --set warehouse=DIR."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
    except OSError as error:
        raise ConfigurationError(
            sentence(f"Warehouse {warehouse} cannot be written: {error.strerror}", fix=fix)
        ) from None
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ConfigurationError(
            sentence(f"Warehouse {warehouse}", expected=f"{_mib(needed)} free", got=_mib(free), fix=f"Free some. {fix}")
        )


def _mib(count: int) -> str:
    return f"{count / 2**20:,.0f} MiB"
