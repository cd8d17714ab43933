"""Values as Spark's SQL writes them."""

from __future__ import annotations

Value = str | int | bool


def literal(value: Value) -> str:
    r"""A value as Spark's SQL writes it.

    >>> literal("it's"), literal(7), literal(True)
    ("'it\\'s'", '7', 'true')
    """
    if isinstance(value, str):
        # Spark doubles no quotes, and puts variables in place of ${...} even inside a string.
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024") + "'"
    return str(value).lower()
