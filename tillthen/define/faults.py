"""Faults of declarations: raised at once in a notebook, collected when a project is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tillthen.define.errors import DefinitionError

_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


def report(*faults: str) -> None:
    """Raise the faults of one declaration, or keep them where a project is being loaded."""
    if not faults:
        return
    collected = _collected.get()
    if collected is None:
        raise DefinitionError(" ".join(faults))
    collected.extend(faults)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """Within the block declarations with faults are still made, and the faults are in the yielded list."""
    faults: list[str] = []
    token = _collected.set(faults)
    try:
        yield faults
    finally:
        _collected.reset(token)
