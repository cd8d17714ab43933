"""What a notebook shows of a declaration: a small table of what is declared, and nothing of what is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from html import escape
from typing import Any

from tillthen.define.arguments.duration import Duration

MOST = 40
"""So many rows of a table are shown."""

Row = tuple[str, str]


class Told:
    """A dataclass that is shown by its name and by the fields that differ from their defaults."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'name', '')!r})"

    def _repr_html_(self) -> str:
        """For Jupyter and its like."""
        rows = [*self._declared(), *self._more()]
        left = [(f"and {len(rows) - MOST:,} more", "")] if len(rows) > MOST else []
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows[:MOST] + left)
        return f"<table class='tillthen'><caption>{escape(self._title())}</caption>{body}</table>"

    def _title(self) -> str:
        name = getattr(self, "name", "")
        return f"{type(self).__name__} {name}".strip()

    def _declared(self) -> Iterable[Row]:
        return [(field.name, shown(getattr(self, field.name))) for field in fields(self) if _said(self, field)]  # type: ignore[arg-type]

    def _more(self) -> Iterable[Row]:
        """Further rows: what follows from the fields."""
        return ()


def _said(declaration: object, field: Field[Any]) -> bool:
    """Whether a field is worth a row: not the name, and not what it is where nothing is said."""
    value = getattr(declaration, field.name)
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return field.name != "name" and field.repr and value != default and value not in ((), "", None)


def shown(value: object) -> str:
    """A value in a few words; a declaration within another by its name, or by what it says where it has none.

    >>> from tillthen import Source, days
    >>> shown(days(7)), shown(["card", "amount"]), shown({"fraud": 1.0}), shown(Source("payments", event_time="at"))
    ('7d', 'card, amount', 'fraud: 1.0', 'payments')
    """
    if isinstance(value, str | Duration):
        return str(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    name = getattr(value, "name", None) or getattr(value, "title", None)
    if name is None and isinstance(value, Told):
        return ", ".join(f"{name} {text}" for name, text in value._declared())
    return name if isinstance(name, str) else str(value)
