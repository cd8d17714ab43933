"""What an annotation asks for, in words: the sides of a message about a value that is something else."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from numbers import Integral, Real
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin


@dataclass(frozen=True)
class Like:
    """In an `Annotated` type: what a value is in words, how it is written, and what more it must be.

    ``fits`` says whether a value of the type is one; ``faults`` says it in sentences of its own.
    """

    words: str
    example: str
    fits: Callable[[Any], bool] = lambda _: True
    faults: Callable[[Any], Iterable[str]] = lambda _: ()


@dataclass(frozen=True)
class Scalar:
    """A type of Python's own: in words, how it is written, and how a value is read, None where it is none."""

    words: str
    example: str
    read: Callable[[Any], Any]


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None


def _number(value: object) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        return None
    return _whole(value) if isinstance(value, Integral) else float(value)


def _truth(value: object) -> bool | None:
    # numpy's truth values are not Python's, and are known by name so that declarations need no numpy.
    return bool(value) if type(value).__name__ in ("bool", "bool_") else None


def _exact(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _text(value: object) -> str | None:
    return str.__str__(value) if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    # pandas' NaT is a datetime that equals nothing.
    return value if isinstance(value, datetime) and value == value else None


def _day(value: object) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


SCALARS: dict[object, Scalar] = {
    str: Scalar("text", "'text'", _text),
    bool: Scalar("True or False", "True", _truth),
    int: Scalar("an integer", "1", _whole),
    float: Scalar("a finite number", "0.5", _number),
    datetime: Scalar("a time with a zone", "datetime(2024, 1, 31, tzinfo=UTC)", _time),
    date: Scalar("a date", "date(2024, 1, 31)", _day),
    Decimal: Scalar("a decimal number", "Decimal('1.50')", _exact),
}


def words(hint: object) -> str:
    """What an annotation asks for.

    >>> words(float | None), words(Literal["end", "start"]), words(Mapping[str, int])
    ('a finite number', "'end' or 'start'", 'a mapping of text to an integer')
    """
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is Annotated:
        return str(parts[1].words)
    if origin in (Union, types.UnionType):
        return _listed([words(kind) for kind in parts if kind is not types.NoneType])
    if origin is Literal:
        return _listed([repr(part) for part in parts])
    if hint in SCALARS:
        return SCALARS[hint].words
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a mapping of {words(parts[0])} to {words(parts[1])}" if parts else "a mapping"
    if isinstance(origin, type) and issubclass(origin, Iterable) and parts:
        return f"a list, each item {words(parts[0])}"
    if hasattr(origin, "WORDS"):
        return str(origin.WORDS)
    if origin in (object, Any):
        return "anything"
    return "a function" if origin is Callable else f"{getattr(origin, '__name__', origin)}(...)"


def example(hint: object) -> str:
    """How a value is written.

    >>> example(Mapping[str, float]), example(Iterable[str] | None)
    ("{'text': 0.5}", "['text']")
    """
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is Annotated:
        return str(parts[1].example)
    if origin in (Union, types.UnionType):
        return example(parts[0])
    if origin is Literal:
        return repr(parts[0])
    if hint in SCALARS:
        return SCALARS[hint].example
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"{{{example(parts[0])}: {example(parts[1])}}}" if parts else "{}"
    if isinstance(origin, type) and issubclass(origin, Iterable) and parts:
        return f"[{example(parts[0])}]"
    if origin in (object, Any):
        return "1"
    return str(origin.EXAMPLE) if hasattr(origin, "EXAMPLE") else words(hint)


def meant(value: object, hint: object) -> str | None:
    """How a value of the wrong type, or a word that is none of those to choose from, was probably meant.

    A class says it of its own values by a method ``meant``, as `tillthen.define.arguments.duration.Duration` does.

    >>> meant(PurePath("a/b"), str | None), meant("1", int), meant("Sigmod", Literal["none", "sigmoid"])
    ("'a/b'", None, "'sigmoid'")
    """
    kinds = set(_bases(hint))
    for kind in kinds:
        if hasattr(kind, "meant"):
            return str(kind.meant(value)) if kind.meant(value) else None
    if isinstance(value, str):
        words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
        return next(map(repr, get_close_matches(value.lower(), words, n=1)), None)
    return repr(str(value)) if isinstance(value, PurePath) and str in kinds else None


def _bases(hint: object) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        if not isinstance(part, Like):
            yield from _bases(part)


def got(value: object) -> str:
    """A value on one line: a declaration by its name, a large or foreign thing by its type."""
    if value is Ellipsis:
        return "... (left open)"
    if isinstance(value, type) or callable(value):
        kind = "the class" if isinstance(value, type) else "the function"
        return f"{kind} {getattr(value, '__name__', type(value).__name__)}"
    if isinstance(value, type(None) | str | Real | Decimal | date | timedelta | PurePath | list | tuple | dict | set):
        if isinstance(value, list | tuple) and any(hasattr(item, "__dataclass_fields__") for item in value):
            return f"[{', '.join(map(got, value))}]"
        text = " ".join(repr(value).split())
        return text if len(text) <= 80 else f"{text[:77]}..."
    if type(value).__str__ is not object.__str__ and hasattr(value, "meant"):
        return str(value)
    name = getattr(value, "name", None)
    return f"{type(value).__name__} '{name}'" if isinstance(name, str) else f"{type(value).__name__}(...)"


def _listed(parts: list[str]) -> str:
    *most, last = list(dict.fromkeys(parts))
    return f"{', '.join(most)} or {last}" if most else last
