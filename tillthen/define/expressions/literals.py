"""Names and values as Spark's SQL writes them."""

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


def quoted(name: str) -> str:
    """A column's exact name as it may stand in an expression, whatever it is made of.

    >>> quoted("3D_secured")
    '`3D_secured`'
    """
    return "`" + name.replace("`", "``") + "`"
