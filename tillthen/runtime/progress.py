"""Progress on stderr: a line for each finished step; while a long one runs bars on a screen, elsewhere a heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

HEARTBEAT = 30.0

T = TypeVar("T")
_running: list[Progress] = []
"""The display that is on the screen, if any: there can be one."""


@dataclass
class Step:
    """A running step; set ``rows`` when they are known."""

    name: str
    rows: int | None = None
    seconds: float = 0.0


@contextmanager
def step(name: str, *, rows: int | None = None, heartbeat: float = HEARTBEAT) -> Iterator[Step]:
    """Print a line with rows and seconds when the block ends; nothing when it fails.

    While it runs a terminal or a notebook shows that it does; elsewhere a line comes every ``heartbeat`` seconds.
    """
    running = Step(name, rows)
    start = monotonic()
    with _shown() as (console, bars), _task(bars, name, None) if bars else _heartbeat(console, name, heartbeat):
        yield running
        running.seconds = monotonic() - start
        counted = "" if running.rows is None else f"{running.rows:,} rows"
        said = f"{name:<48} {counted:>18} {running.seconds:8.1f} s"
    console.print(said, markup=False)


def each(name: str, items: Sequence[T]) -> Iterator[T]:
    """The items one by one; a terminal or a notebook shows how many of them are done."""
    with _shown() as (_, bars), _task(bars, name, len(items)) as advance:
        for item in items:
            yield item
            advance()


@contextmanager
def _shown() -> Iterator[tuple[Console, Progress | None]]:
    """Where lines go, and the bars above which they go: one display for all steps that run, None without a screen."""
    if _running:
        yield _running[-1].console, _running[-1]
        return
    console = Console(stderr=True, highlight=False)
    if not (console.is_terminal or (console.is_jupyter and find_spec("ipywidgets"))):
        yield console, None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bars:
        _running.append(bars)
        try:
            yield console, bars
        finally:
            _running.pop()


@contextmanager
def _task(bars: Progress | None, name: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A bar for the block; what it gives is called whenever one of its ``total`` parts is done."""
    if bars is None:
        yield lambda: None
        return
    task = bars.add_task(name, total=total)
    try:
        yield lambda: bars.advance(task)
    finally:
        bars.remove_task(task)


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
