"""Constants of a row expression that Spark reads as the clock's time.

A text is taken for the present where it becomes a time: 'now', 'today', 'yesterday', 'tomorrow', in any case and with a
zone. Whether a text becomes a time is known only with the types of all columns, a comparison is enough. So such texts
are refused wherever they stand, but for the patterns of LIKE, and so is what would make one out of other constants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from tillthen.define.expressions.allowed import FUNCTIONS, TEXT

_SPECIAL = re.compile(r"\s*(?i:now|(epoch|today|tomorrow|yesterday)(?-i:\s*[-+A-Z]\S*)?)\s*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[-+]\d{2}:\d{2})?)?")
_DATES = (exp.DType.DATE,)
_TIMES = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPNTZ)
_KNOWN_TYPES = {
    *_DATES, *_TIMES, exp.DType.BOOLEAN, exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT,
    exp.DType.FLOAT, exp.DType.DOUBLE, exp.DType.DECIMAL, exp.DType.TEXT, exp.DType.CHAR, exp.DType.VARCHAR,
    exp.DType.BINARY, exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT,
}  # fmt: skip

_NO_TEXT = (
    exp.And, exp.Or, exp.Case, exp.BitwiseCount, exp.TsOrDsAdd, exp.TsOrDsToDate, exp.TimestampAdd, exp.TimestampTrunc,
    exp.TimestampFromParts, exp.StrPosition, exp.StrToTime, exp.StrToUnix, exp.VarMap, exp.GenerateSeries,
    exp.ArraySlice, exp.SafeAdd, exp.SafeDivide, exp.SafeMultiply, exp.SafeSubtract,
)  # fmt: skip
"""Calls that the parser knows under none of Spark's names, and that make no text."""

Fault = tuple[str, str]
"""What is wrong with an expression, and what to write instead."""


def moving_times(tree: exp.Expr) -> Iterator[Fault]:
    """Literals whose value is another on another day, and casts that may make one."""
    for node in tree.walk():
        if isinstance(node, exp.Literal | exp.RawString) and (isinstance(node, exp.RawString) or node.is_string):
            yield from _text(node)
        if isinstance(node, exp.Cast):
            yield from _cast(node)


def _text(node: exp.Expr) -> Iterator[Fault]:
    value, above = str(node.this), node.parent
    if isinstance(above, exp.Like | exp.ILike | exp.RegexpLike) and node.arg_key == "expression":
        return
    if _SPECIAL.fullmatch(value):
        yield (f"holds the text '{value}', which as a time is the present and differs from run to run",
               f"Write the time itself, or of a text LIKE '{value.strip()}'.")  # fmt: skip


def _cast(node: exp.Cast) -> Iterator[Fault]:
    to, inner = node.to, [*node.to.find_all(exp.DataType)]
    for part in inner:
        if part.this not in _KNOWN_TYPES:
            yield f"casts to {part.sql(dialect='spark').lower()}", "Cast to a number, text, boolean, date or timestamp."
        elif part is not to and part.this in (*_DATES, *_TIMES):
            yield "casts to times inside another type", "Cast them one by one, by transform(...)."
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        value = str(node.this.this)
        if to.this in _DATES and not _DATE.fullmatch(value):
            yield f"holds the date '{value}'", "Write it as date'2024-01-31'."
        if to.this in _TIMES and not _TIME.fullmatch(value):
            yield f"holds the time '{value}'", "Write it as timestamp'2024-01-31 10:30:00'."


def constant_texts(tree: exp.Expr) -> Iterator[Fault]:
    """Text that is made of constants alone: it is the same for every row, and what it says is not seen here."""
    variables = {name.name for one in tree.find_all(exp.Lambda) for name in one.expressions}
    for node in tree.walk():
        if _makes_text(node) and not _reads(node, variables):
            yield f"makes a text of constants alone, {node.sql(dialect='spark')}", "Write the text itself."


def _makes_text(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        plain = isinstance(node.this, exp.Literal | exp.Null | exp.Boolean | exp.Neg)
        return node.to.this in (exp.DType.TEXT, exp.DType.CHAR, exp.DType.VARCHAR) and not plain
    if isinstance(node, exp.DPipe):
        return True
    if not isinstance(node, exp.Func) or isinstance(node, _NO_TEXT):
        return False
    names = [node.name] if isinstance(node, exp.Anonymous) else node.sql_names()
    return not any(name.lower() in FUNCTIONS - TEXT for name in names)


def _reads(node: exp.Expr, variables: set[str]) -> bool:
    """Whether a value depends on a column, or on an element of a collection."""
    return any(isinstance(one, exp.Column) or (isinstance(one, exp.Identifier) and one.name in variables)
               for one in node.walk())  # fmt: skip
