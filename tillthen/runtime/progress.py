"""Progress on stderr: a line for each finished step, and a sign of life while a long one runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from rich.console import Console

HEARTBEAT = 30.0


@dataclass
class Step:
    """A running step; set ``rows`` when they are known."""

    name: str
    rows: int | None = None
    seconds: float = 0.0


@contextmanager
def step(name: str, *, rows: int | None = None, heartbeat: float = HEARTBEAT) -> Iterator[Step]:
    """Print a line with rows and seconds when the block ends; nothing when it fails.

    While it runs a terminal shows that it does; elsewhere a line comes every ``heartbeat`` seconds.
    """
    console = Console(stderr=True, highlight=False)
    running = Step(name, rows)
    start = monotonic()
    alive: AbstractContextManager[object] = (
        console.status(f"{name} ...") if console.is_terminal else _heartbeat(console, name, heartbeat)
    )
    with alive:
        yield running
    running.seconds = monotonic() - start
    counted = "" if running.rows is None else f"{running.rows:,} rows"
    console.print(f"{name:<48} {counted:>18} {running.seconds:8.1f} s", markup=False)


def warn(text: str) -> None:
    """Print a line that a reader of the run must not miss."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"Warning: {text}", style="yellow", markup=False)


@contextmanager
def _heartbeat(console: Console, name: str, seconds: float) -> Iterator[None]:
    done = Event()
    start = monotonic()

    def beat() -> None:
        while not done.wait(seconds):
            console.print(f"{name} ... {monotonic() - start:.0f} s", markup=False)

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
