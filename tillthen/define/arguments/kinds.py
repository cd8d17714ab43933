"""What arguments of declarations are, beyond their types: names, columns, expressions, zones, ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tillthen.define.arguments.annotations import Like
from tillthen.define.arguments.duration import Duration
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import sentence


def is_zone(name: str) -> bool:
    """Whether a name is a zone of IANA's; a folder of them, such as "US", is none."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _faults_of_expression(text: str) -> Iterator[str]:
    yield from parse(text).faults


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[^\W_][\w.-]*", text) is not None


def _is_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable()


def _named_twice(names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield sentence(f"'{name}' is named twice", fix="Remove one of them.")


def _positive(value: Any) -> bool:
    return (value.micros if isinstance(value, Duration) else value) > 0


def _not_negative(value: Any) -> bool:
    return (value.micros if isinstance(value, Duration) else value) >= 0


Name = Annotated[
    str, Like("a name of letters, digits, '_', '-' and '.', a letter or digit first", "'payments'", _is_name)
]
"""What is a folder or a table in the warehouse, where other names begin with '_'."""
Title = Annotated[str, Like("words on one line", "'fraud'", _is_line)]
Table = Annotated[str, Like("a table's name", "'transactions'", _is_line)]
TypeName = Annotated[str, Like("a type in Spark's words", "'bigint'", _is_line)]
Column = Annotated[str, Like("a column's name", "'card_id'", _is_line)]
Columns = Annotated[Sequence[Column], Like("a list of columns' names", "['card_id']", faults=_named_twice)]
Expression = Annotated[str, Like("a row expression", "'amount > 0'", faults=_faults_of_expression)]
Zone = Annotated[str, Like("an IANA zone", "'Europe/London'", is_zone)]
Positive = Annotated[Duration, Like("a positive duration", "days(7)", _positive)]
NotNegative = Annotated[Duration, Like("a duration that is not negative", "days(7)", _not_negative)]
Count = Annotated[int, Like("an integer of at least 1", "1", _positive)]
CountOrNone = Annotated[int, Like("an integer of at least 0", "0", _not_negative)]
PositiveNumber = Annotated[float, Like("a finite number above 0", "1.0", _positive)]
NotNegativeNumber = Annotated[float, Like("a finite number of at least 0", "0.0", _not_negative)]
Share = Annotated[float, Like("a share from 0 to 1", "0.5", lambda value: 0 <= value <= 1)]
ShareBetween = Annotated[float, Like("a share between 0 and 1", "0.2", lambda value: 0 < value < 1)]
ShareAboveZero = Annotated[float, Like("a share above 0, at most 1", "0.5", lambda value: 0 < value <= 1)]
