"""Row expressions: deterministic SQL over the columns of one row, in Spark's dialect.

They are parsed here, without Spark, so that a fault is known when a feature is declared, and so that the
same text can run on one event online. What is not known to be harmless is refused:
`tillthen.define.expressions.allowed` lists the functions, this module the operators,
`tillthen.define.expressions.constants` the literals and casts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillthen.define.expressions.allowed import CLOCK_WORDS, FUNCTIONS, REASONS
from tillthen.define.expressions.calls import calls, symbols
from tillthen.define.expressions.constants import constant_texts, moving_times
from tillthen.define.faults.errors import did_you_mean, sentence

_OPERATORS = {"<>": "ne", "!=": "ne", "<=": "le", ">=": "ge", "=": "eq", "<": "lt", ">": "gt", "!": "not"}
_ALONE = "A row expression depends on its row alone."
_AN_EXAMPLE = "Write SQL such as hour(at) < 6."
_LISTED = "tillthen/define/expressions/allowed.py"
_IN_STEPS = "Select parts of it under names of their own."
_UNFINISHED = ("Required keyword", "Expecting )", "Error tokenizing")

_NODES = (
    exp.Column, exp.Identifier, exp.Literal, exp.RawString, exp.HexString, exp.Boolean, exp.Null, exp.Paren, exp.Tuple,
    exp.Var, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Interval, exp.IntervalSpan, exp.Lambda, exp.Dot,
    exp.Bracket, exp.PropertyEQ, exp.JSONPath, exp.JSONPathPart, exp.Escape, exp.Any, exp.All, exp.Between, exp.In,
    exp.Is, exp.Like, exp.ILike, exp.RegexpLike, exp.Not, exp.Neg, exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe,
    exp.AtTimeZone, exp.FromTimeZone,
    exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift, exp.BitwiseRightShift,
)  # fmt: skip
"""Everything but calls; these are read from the words themselves, since a parser knows them under names of its own."""

_NO_CALLS = (
    exp.Collate, exp.JSONExtract, exp.Xor, exp.AggFunc, exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp,
    exp.CurrentUser, exp.SessionUser, exp.CurrentRole,
)  # fmt: skip
"""What is a function to the parser and has no brackets: operators that are not listed, and the clock's words."""


@dataclass(frozen=True)
class Parsed:
    """The column names an expression reads, in order of first use, and what is wrong with it.

    Of a field of a struct, ``merchant.country``, the name is the struct's.
    """

    columns: tuple[str, ...]
    faults: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """Read a row expression.

    >>> parse("country <> 'GB' and amount > 0").columns
    ('country', 'amount')
    >>> parse("rand() < 0.5").faults
    ("'rand() < 0.5' calls rand, which is not deterministic. A row expression depends on its row alone.",)
    """
    try:
        tree = sqlglot.parse_one(text, dialect="spark")
        columns = (column.parts[0].name for column in tree.find_all(exp.Column, bfs=False))
        return Parsed(tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(_faults(text, tree))))
    except SqlglotError as error:
        return Parsed((), (sentence(f"'{text}' is not a row expression: {_reason(error)}", fix=_AN_EXAMPLE),))
    except RecursionError:
        return Parsed((), (sentence(f"'{text[:40]}...' is nested too deeply to be read", fix=_IN_STEPS),))


def _reason(error: SqlglotError) -> str:
    reason = str(error).splitlines()[0].split(" Line ")[0].rstrip(".")
    if " but got <Token" in reason:
        return "a word of SQL stands where a column does, which as a column's name is written in `quotes`"
    return "something is missing at its end" if reason.startswith(_UNFINISHED) else reason


def _faults(text: str, tree: exp.Expr) -> Iterator[str]:
    if tree.find(exp.Query, exp.Subquery):
        yield sentence(f"'{text}' holds a query", fix=f"{_ALONE} Join by declaring a source or a lookup.")
        return
    if tree.find(exp.Window, exp.AggFunc):
        yield sentence(f"'{text}' aggregates over rows", fix=f"{_ALONE} Aggregate with .features(...).")
        return
    named = list(_named(text, tree))
    yield from named
    if not named:  # what may not be called is said once, not again for what it stands in
        for what, fix in (*moving_times(tree), *constant_texts(tree)):
            yield sentence(f"'{text}' {what}", fix=fix)


def _named(text: str, tree: exp.Expr) -> Iterator[str]:
    """Symbols, calls and words that a row expression may not hold."""
    for symbol, fix in symbols(text):
        yield sentence(f"'{text}' holds {symbol}", fix=fix)
    for name, fault in calls(text):
        yield _call_fault(text, name, fault)
    for node in tree.walk():
        if isinstance(node, _NO_CALLS) or not isinstance(node, (*_NODES, exp.Func)):
            yield _node_fault(text, node)
    for column in tree.find_all(exp.Column):
        if column.name.lower() in CLOCK_WORDS and len(column.parts) == 1 and not column.this.quoted:
            yield _call_fault(text, column.name.lower(), "")


def _call_fault(text: str, name: str, fault: str) -> str:
    if fault:
        return sentence(f"'{text}' calls {name} {fault}", fix=_ALONE)
    if name in REASONS:
        return sentence(f"'{text}' calls {name}, which {REASONS[name]}", fix=_ALONE)
    near = did_you_mean(name, FUNCTIONS)
    fix = near if near.startswith("Did") else f"The functions that may be called are in {_LISTED}."
    return sentence(f"'{text}' calls {name}, which no row expression may", fix=fix)


def _node_fault(text: str, node: exp.Expr) -> str:
    word = node.sql(dialect="spark")
    name = word.strip("()").lower()
    if name in REASONS:
        return _call_fault(text, name, "")
    return sentence(f"'{text}' holds {word}, which no row expression may", fix=_ALONE)


def slug(expression: str) -> str:
    """An expression as part of a column name.

    >>> slug("country <> 'GB'")
    'country_ne_GB'
    """
    text = expression
    for operator, word in _OPERATORS.items():
        text = text.replace(operator, f" {word} ")
    return re.sub(r"\W+", "_", text).strip("_")
