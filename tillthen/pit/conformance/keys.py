"""Keys of a case as columns that the engine compares exactly."""

from __future__ import annotations

from collections.abc import Sequence

from tillthen.pit.conformance.question import Column, Unsupported, common_type


def key_columns(name: str, sides: Sequence[list[object]]) -> list[Column]:
    """One key on several sides (query, features, unions), in one type."""
    whole = [[_whole(value) for value in side] for side in sides]
    kind = common_type([value for side in whole for value in side])
    if kind == "double":
        raise Unsupported("float keys are refused (contract, 2)")
    if kind is None:
        raise Unsupported("key types that differ are refused (contract, 2)")
    return [Column(name, kind, side) for side in whole]


def grouped_columns(name: str, sides: Sequence[list[object]]) -> list[list[Column]]:
    """As `key_columns` where nulls are a group of their own: a column beside the key says which are null."""
    columns = key_columns(name, sides)
    if not any(value is None for side in sides for value in side):
        return [[column] for column in columns]
    stands_in = {"bigint": 0, "string": "", "boolean": False}[columns[0].type]
    return [
        [
            Column(name, column.type, [stands_in if value is None else value for value in column.values]),
            Column(f"{name}_is_null", "boolean", [value is None for value in column.values]),
        ]
        for column in columns
    ]


def everyone(name: str, rows: int) -> Column:
    """The key of all rows, where a case names none."""
    return Column(f"{name}_everyone", "bigint", [0] * rows)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
