"""What this process and all that it started have had of the processors: the driver, Java, Python workers."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
PARENT, TIMES = 1, slice(11, 15)
"""Fields behind the command's name: the parent, and user and system time, its own and that of children it reaped."""


def processor_seconds() -> float:
    """Seconds of the processors so far; 0 where the system does not tell."""
    if not (PROC / "self" / "stat").exists():
        return 0.0
    found = dict(filter(None, map(_process, PROC.glob("[0-9]*/stat"))))
    ours, before = {os.getpid()}, set[int]()
    while ours != before:
        before = ours
        ours = ours | {process for process, (parent, _) in found.items() if parent in ours}
    return sum(found[process][1] for process in ours & set(found)) / os.sysconf("SC_CLK_TCK")


def _process(path: Path) -> tuple[int, tuple[int, int]] | None:
    """A process with its parent and its ticks; None where it has just ended."""
    try:
        fields = path.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(path.parent.name), (int(fields[PARENT]), sum(map(int, fields[TIMES])))
