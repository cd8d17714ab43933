"""A hash of declarations that changes exactly when what they mean may have changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from hashlib import sha256

from tillthen.define.arguments.duration import Duration

UNHASHED = {"hashed": False}
"""Metadata of a field that changes no value of a table, such as what is expected of it."""


def fingerprint(declaration: object) -> str:
    """16 hex digits over every field of a declaration, in order.

    >>> fingerprint(Duration(86_400_000_000, "24h")) == fingerprint(Duration(86_400_000_000, "1d"))
    True
    """
    text = json.dumps(plain(declaration), sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def plain(value: object) -> object:
    """A declaration as dicts, lists, strings and numbers."""
    if isinstance(value, Duration):
        return str(Duration(value.micros))
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.metadata != UNHASHED}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else repr(value)
