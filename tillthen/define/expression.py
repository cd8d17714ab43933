"""Row expressions: deterministic SQL over the columns of one row, in Spark's dialect.

They are parsed here, without Spark, so that a fault is known when a feature is declared, and so that the
same text can run on one event online.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillthen.define.errors import sentence

_NOT_DETERMINISTIC = {
    "rand", "randn", "random", "uuid", "shuffle", "now", "curdate", "current_date", "current_timestamp",
    "current_timezone", "localtimestamp", "monotonically_increasing_id", "spark_partition_id", "input_file_name",
}  # fmt: skip

_OPERATORS = {"<>": "ne", "!=": "ne", "<=": "le", ">=": "ge", "=": "eq", "<": "lt", ">": "gt", "!": "not"}


@dataclass(frozen=True)
class Parsed:
    """The column names an expression reads, in order of first use, and what is wrong with it."""

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
    except SqlglotError as error:
        reason = str(error).splitlines()[0].split(" Line ")[0].rstrip(".")
        return Parsed((), (sentence(f"'{text}' is not a row expression: {reason}"),))
    return Parsed(tuple(dict.fromkeys(c.name for c in tree.find_all(exp.Column))), tuple(_faults(text, tree)))


def _faults(text: str, tree: exp.Expr) -> list[str]:
    alone = "A row expression depends on its row alone."
    faults = []
    for node in tree.walk():
        if isinstance(node, exp.Query | exp.Subquery):
            return [sentence(f"'{text}' holds a query", fix=f"{alone} Join by declaring a source or a lookup.")]
        if isinstance(node, exp.Window | exp.AggFunc):
            return [sentence(f"'{text}' aggregates over rows", fix=f"{alone} Aggregate with .features(...).")]
        name = _function_name(node)
        if name in _NOT_DETERMINISTIC:
            faults.append(sentence(f"'{text}' calls {name}, which is not deterministic", fix=alone))
    return faults


def _function_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else ""


def slug(expression: str) -> str:
    """An expression as part of a column name.

    >>> slug("country <> 'GB'")
    'country_ne_GB'
    """
    text = expression
    for operator, word in _OPERATORS.items():
        text = text.replace(operator, f" {word} ")
    return re.sub(r"\W+", "_", text).strip("_")
