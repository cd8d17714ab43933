"""Keys: which types can be compared exactly, and what to declare where they cannot. No other module decides it.

Integers of any width are one type, bigint. Every other type matches itself alone: Spark would compare text with numbers
and doubles with integers by a cast that makes one key of two ("007" and 7, two ids above 2^53).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    DataType,
    IntegralType,
    LongType,
)

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence

EXACT = "an integer, a string or another exact type"

_NO_KEYS = frozenset({"double", "float", "map", "array", "struct", "interval", "variant"})
"""By name: PySpark 3.5 has no classes for some."""


@dataclass(frozen=True)
class Key:
    """A key's type in one place.

    ``place`` is how messages call it ("the spine"); ``cast`` is what to declare there to have another type, with
    ``{type}`` where the type stands.
    """

    type: DataType
    place: str
    cast: str = ""


def key_faults(what: str, *keys: Key) -> Iterator[str]:
    """What keeps a key from being compared exactly between these places; the first one's type is the wanted one."""
    inexact = [key for key in keys if not exact(key.type)]
    got = " and ".join(f"{key.type.simpleString()} in {key.place}" for key in keys)
    wanted = next((_name(key.type) for key in keys if exact(key.type)), "bigint")
    if inexact:
        yield sentence(what, expected=EXACT, got=got, fix=_fix(inexact[0], wanted))
    elif len({_name(key.type) for key in keys}) > 1:
        other = next(key for key in keys if _name(key.type) != wanted)
        yield sentence(what, expected="one type", got=got, fix=_fix(other, wanted))


def refuse_keys(faults: Sequence[str]) -> None:
    """Raise `DataContractError` where there are faults, all in one."""
    if faults:
        raise DataContractError(" ".join(dict.fromkeys(faults)))


def exact(type: DataType) -> bool:
    """Whether two values of the type are the same key if, and only if, they are equal."""
    return type.typeName() not in _NO_KEYS and not _collated(type)


def widened(frame: DataFrame, name: str) -> Column:
    """A key's column, an integer as bigint."""
    column = F.col(quoted(name))
    return column.cast("bigint") if isinstance(frame.schema[name].dataType, IntegralType) else column


def _collated(type: DataType) -> bool:
    """Text that is compared by a collation, under which different texts may be equal."""
    return type.simpleString().startswith("string collate")


def _name(type: DataType) -> str:
    return LongType().simpleString() if isinstance(type, IntegralType) else type.simpleString()


def _fix(key: Key, wanted: str) -> str:
    return (key.cast or f"Cast it to {{type}} in {key.place}.").format(type=wanted)
