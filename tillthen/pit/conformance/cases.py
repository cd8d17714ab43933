"""Case files of the format ``pit-cases/1``: input tables, a question, the expected answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillthen.define.faults.errors import DataContractError, UsageError, did_you_mean, sentence

FORMAT = "pit-cases/1"
KINDS = ("asof", "window_agg", "bitemporal_agg")


@dataclass(frozen=True)
class Table:
    """Rows under column names; ``key`` and ``ts`` name those that a join uses, where it uses any."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    key: tuple[str, ...] = ()
    ts: str = ""
    name: str = ""
    known_ts: str | None = None
    tie_break: str | None = None

    def column(self, name: str) -> list[object]:
        """The values of a column."""
        return self.at(self.columns.index(name))

    def at(self, index: int) -> list[object]:
        """The values of the column at a position."""
        return [row[index] for row in self.rows]


@dataclass(frozen=True)
class Case:
    """One question. ``tables`` are the features of an asof, the unions of a window_agg, the ledger of a bitemporal."""

    id: str
    kind: str
    query: Table
    tables: tuple[Table, ...]
    semantics: Mapping[str, Any]
    expected: Table
    ordered: bool
    select: tuple[Mapping[str, str], ...] = field(default=())

    def choice(self, name: str, allowed: Sequence[Any]) -> Any:
        """A semantics field with a fixed set of values, of which the first is the default."""
        value = self.semantics.get(name, allowed[0])
        if value not in allowed:
            raise malformed(f"semantics.{name}", " or ".join(map(repr, allowed)), value)
        return value


def malformed(what: str, expected: object, got: object) -> DataContractError:
    """A fault of a case's form; the file and the case are added where they are known."""
    return DataContractError(sentence(what, expected=expected, got=repr(got)))


def read_cases(path: Path) -> list[Case]:
    """The cases of a file.

    Raises
    ------
    UsageError
        The file cannot be read.
    DataContractError
        It is no JSON, of another format, or a case does not have the format's form.
    """
    content = _load(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        got = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise DataContractError(sentence(f"{path}: 'format'", expected=repr(FORMAT), got=repr(got)))
    cases = content.get("cases")
    if not isinstance(cases, list):
        raise DataContractError(sentence(f"{path}: 'cases'", expected="a list", got=type(cases).__name__))
    read = []
    for number, raw in enumerate(cases):
        try:
            read.append(case_of(_as_object(raw, "a case")))
        except DataContractError as fault:
            name = raw.get("id", number) if isinstance(raw, dict) else number
            raise DataContractError(f"{path}: case '{name}': {fault}") from None
    return read


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(sentence(f"{path} cannot be read: {error.strerror}", fix="Name a file of cases.")) from None
    except ValueError as error:
        raise DataContractError(sentence(f"{path} is not JSON: {error}")) from None


def case_of(raw: Mapping[str, Any]) -> Case:
    """A case of a file's JSON."""
    semantics = _as_object(raw.get("semantics"), "semantics")
    kind = semantics.get("kind")
    if kind not in KINDS:
        raise malformed("semantics.kind", " or ".join(map(repr, KINDS)), kind)
    readers: dict[str, Callable[[], Iterable[Table]]] = {
        "asof": lambda: [_table(table, "features", joined=True) for table in _as_list(raw.get("features"), "features")],
        "window_agg": lambda: [_table(table, "union") for table in _as_list(raw.get("union") or [], "union")],
        "bitemporal_agg": lambda: [_table(raw.get("ledger"), "ledger")],
    }
    expected = _as_object(raw.get("expected"), "expected")
    select = _as_list(raw.get("select") if kind == "window_agg" else [], "select")
    return Case(
        id=str(raw.get("id")),
        kind=kind,
        query=_table(raw.get("query"), "query", joined=kind != "window_agg"),
        tables=tuple(readers[kind]()),
        semantics=semantics,
        expected=_table(expected, "expected"),
        ordered=expected.get("ordered") is True,
        select=tuple(_as_object(item, "select") for item in select),
    )


def _table(raw: object, where: str, *, joined: bool = False) -> Table:
    content = _as_object(raw, where)
    columns = tuple(map(str, _as_list(content.get("columns"), f"{where}.columns")))
    rows = tuple(tuple(_as_list(row, f"{where}.rows")) for row in _as_list(content.get("rows"), f"{where}.rows"))
    for row in rows:
        if len(row) != len(columns):
            raise malformed(f"{where}.rows", f"{len(columns)} values", list(row))
    table = Table(columns, rows)
    if joined:
        key, name = content.get("key") or [], str(content.get("name") or where)
        keys = (key,) if isinstance(key, str) else tuple(key)
        ts, known, tie = content.get("ts"), content.get("known_ts"), content.get("tie_break")
        table = Table(columns, rows, keys, str(ts), name, known, tie)
        for used in (*keys, table.ts, *filter(None, [known])):
            check_column(used, table)
    return table


def check_column(name: str, table: Table) -> None:
    """Refuse a name that the table lacks."""
    if name not in table.columns:
        raise DataContractError(sentence(f"a table lacks '{name}'", fix=did_you_mean(name, table.columns)))


def _as_object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise malformed(where, "an object", value)
    return value


def _as_list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise malformed(where, "a list", value)
    return value
