"""Text that an expression reads as a time: Spark takes '12:30' for half past twelve of the day on which it is read.

Whether a text becomes a time is seen only once Spark knows the types of the columns; a comparison is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import DefinitionError, sentence

_WHOLE = re.compile(r"\d{4}-\d{2}-\d{2}.*")
_BY_FORM = "Read it by its form: to_timestamp({text}, 'yyyy-MM-dd HH:mm:ss')."
_WHOLE_TIME = "Write timestamp'2024-01-31 10:30:00', or compare the hour of the day as text: date_format(at, 'HH:mm')."


def refuse_times_of_text(frame: DataFrame, texts: Iterable[str], where: str) -> None:
    """Refuse expressions over a frame's columns in which text becomes a timestamp, but by a declared form.

    Raises
    ------
    DefinitionError
        With the expression and the text that is read.
    """
    textual = {field.name.lower() for field in frame.schema if "string" in field.dataType.simpleString()}
    asked = [text for text in dict.fromkeys(texts)
             if "'" in text or any(name.lower() in textual for name in parse(text).columns)]  # fmt: skip
    if not asked or not hasattr(frame, "_jdf"):
        return
    found = frame.select(*[F.expr(text).alias(f"c{i}") for i, text in enumerate(asked)])
    plan: Any = found._jdf.queryExecution().analyzed().expressions()
    for i, text in enumerate(asked):
        for read in _times_of_text(plan.apply(i)):
            fix = _WHOLE_TIME if read.startswith("'") else _BY_FORM
            raise DefinitionError(sentence(f"{where}: '{text}' reads the text {read} as a time, which without a day is "
                                           "one of the day of the run", fix=fix.format(text=read)))  # fmt: skip


def _times_of_text(node: Any) -> Iterator[str]:
    """What is cast from text to a timestamp beneath an expression of Spark's."""
    kind, children = node.getClass().getSimpleName(), node.children()
    # Without a form it is a cast, which Spark puts in its place later.
    if (kind == "Cast" or (kind == "ParseToTimestamp" and children.size() == 1)) and _is(node, "timestamp"):
        child = children.apply(0)
        literal = child.getClass().getSimpleName() == "Literal"
        if _is(child, "string") and not (literal and _WHOLE.fullmatch(child.toString())):
            yield child.name() if child.getClass().getSimpleName() == "NamedLambdaVariable" else child.sql()
    for i in range(children.size()):
        yield from _times_of_text(children.apply(i))


def _is(node: Any, type: str) -> bool:
    return bool(node.dataType().typeName().split(" ")[0] == type)
