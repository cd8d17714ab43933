"""Faults of declarations: raised at once in a notebook, collected when a project is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from tillthen.define.faults.errors import DefinitionError


@dataclass(frozen=True)
class _Collection:
    place: Callable[[], str]
    faults: list[str] = field(default_factory=list)


_collected: ContextVar[_Collection | None] = ContextVar("collected", default=None)


def report(*faults: str) -> None:
    """Raise the faults of one declaration, or keep them where a project is being loaded."""
    if not faults:
        return
    collected = _collected.get()
    if collected is None:
        raise DefinitionError(" ".join(faults))
    place = collected.place()
    collected.faults.extend(f"{place}{fault}" for fault in faults)


@contextmanager
def collecting(place: Callable[[], str] = str) -> Iterator[list[str]]:
    """Within the block declarations with faults are still made, and the faults are in the yielded list.

    Each begins with what ``place`` gives when it is found, such as the line of the file that is being read.
    """
    collection = _Collection(place)
    token = _collected.set(collection)
    try:
        yield collection.faults
    finally:
        _collected.reset(token)
