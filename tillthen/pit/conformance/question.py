"""A translated case: what is asked of the engine, and how its answer reads in the case's own words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.conformance.cases import Table

ROW, AS_OF = "row", "as_of"
TIME = "timestamp"
"""The type of columns that hold microseconds."""


class Unsupported(Exception):
    """The contract has no words for what the case asks; the message says which rule."""


@dataclass(frozen=True)
class Column:
    """A typed column. ``text`` marks values that stand as JSON because they have no common type."""

    name: str
    type: str
    values: list[Any]
    text: bool = False

    @classmethod
    def of(cls, name: str, values: Iterable[object]) -> Column:
        """A column of the narrowest type that holds every value."""
        all_ = list(values)
        type_ = common_type(all_)
        if type_ is None:
            return cls(name, "string", [None if value is None else json.dumps(value) for value in all_], text=True)
        if type_ == "double":
            all_ = [None if value is None else float(str(value)) for value in all_]
        return cls(name, type_, all_)


def common_type(values: Iterable[object]) -> str | None:
    """The type of Spark that holds the values exactly, or None."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {float} or kinds == {int, float}:
        return "double"
    if kinds == {int}:
        return "bigint" if all(-(2**63) <= value < 2**63 for value in values if isinstance(value, int)) else None
    return {frozenset(): "bigint", frozenset({str}): "string", frozenset({bool}): "boolean"}.get(frozenset(kinds))


@dataclass(frozen=True)
class Frame:
    """Columns of one length."""

    columns: tuple[Column, ...]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The same by rows."""
        return list(zip(*(column.values for column in self.columns), strict=True))

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Output:
    """A column of the answer: its name in the case, and the engine's column it is read from."""

    name: str
    column: str
    text: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked: a spine, the sources' tables, the feature sets.

    ``outputs`` are read off the answer. Only rows count in which every column of ``matched`` is positive.
    ``words`` say how the case was translated.
    """

    spine: Frame
    sources: dict[str, Frame]
    sets: tuple[FeatureSet, ...]
    outputs: tuple[Output, ...]
    words: tuple[str, ...]
    matched: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The answer's column names."""
        return [output.name for output in self.outputs]

    def read(self, rows: Sequence[dict[str, Any]]) -> list[tuple[object, ...]]:
        """The answer in the order of the query's rows, as tuples over ``outputs``."""
        kept = [row for row in sorted(rows, key=lambda row: row[ROW]) if all(row[name] > 0 for name in self.matched)]
        return [tuple(_read(row[output.column], output.text) for output in self.outputs) for row in kept]


def _read(value: Any, text: bool) -> object:
    return json.loads(value) if text and value is not None else value


def own_columns(query: Table) -> tuple[list[Column], list[Output]]:
    """The query's own columns, under names that cannot meet others, and where the answer has them."""
    columns = [Column.of(f"own{i}", query.at(i)) for i in range(len(query.columns))]
    return columns, [
        Output(name, column.name, column.text) for name, column in zip(query.columns, columns, strict=True)
    ]
