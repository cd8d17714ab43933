"""Declared types that are no keys: two doubles may be one number though they were two ids."""

from __future__ import annotations

from collections.abc import Iterator

from tillthen.define.faults.errors import sentence

INEXACT = ("double", "float", "real")


def inexact(what: str, type: str, fix: str) -> Iterator[str]:
    """The fault of a key that is declared with such a type."""
    if type.strip().lower() in INEXACT:
        yield sentence(what, expected="a key that is an integer, a string or another exact type", got=type, fix=fix)
