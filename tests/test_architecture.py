"""ARCHITECTURE.md is true: its picture is the house, and what it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.test_structure import INSIDE, MODULES, ORDER, PACKAGE, ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text()
PATH = re.compile(r"[\w.]+(?:/[\w.]+)*/?")
CODE = {".py", ".js", ".css", ".xml", ".toml", ".md"}
LARGE = re.compile(r"^  (\w+)( \*)?  ", re.MULTILINE)
INNER = re.compile(r"^    (\w+)( \*)?  ", re.MULTILINE)
SPARK = {"pyspark", "py4j", "delta"}
WHERE_TO_ADD = re.compile(r"^\| (an? [\w ]+) \| (\d+) \| (.*) \|$", re.MULTILINE)


def picture() -> str:
    return re.findall(r"^```text\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)[0]


def rooms() -> dict[str, tuple[bool, dict[str, bool]]]:
    """Of the picture each large room with its inner ones, in order, and whether they know Spark."""
    starts = [*LARGE.finditer(picture())]
    ends = [*(found.start() for found in starts[1:]), len(picture())]
    within = [INNER.findall(picture()[one.end() : end]) for one, end in zip(starts, ends, strict=True)]
    return {
        one[1]: (bool(one[2]), {name: bool(star) for name, star in inner})
        for one, inner in zip(starts, within, strict=True)
    }


def paths(text: str) -> list[str]:
    """What a text names in code that reads as a file or a folder of the repository."""
    named = [name for name in re.findall(r"`([^`\n]+)`", text) if PATH.fullmatch(name)]
    return [name for name in named if "/" in name or Path(name).suffix in CODE]


def is_there(name: str) -> bool:
    """Within the package or the repository; what a run writes is in neither."""
    return name.startswith("_") or any((folder / name).exists() for folder in (PACKAGE, ROOT))


def knows_spark(place: Path) -> bool:
    files = [module for module in MODULES if module == place.with_suffix(".py") or place in module.parents]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return bool(SPARK & {name.split(".")[0] for name in names})


def test_what_it_names_is_there():
    assert len(paths(TEXT)) > 150
    assert [name for name in paths(TEXT) if not is_there(name)] == []


@pytest.mark.parametrize("name", ["engine.py", "pit/engine.py", "tests/pit/none.py", "pit/none/"])
def test_a_name_that_is_not_there_or_could_be_any_is_seen(name):
    assert paths(f"see `{name}`") == [name]
    assert not is_there(name)


def test_its_picture_has_the_large_rooms_in_their_order():
    assert tuple(rooms())[: len(ORDER)] == ORDER


@pytest.mark.parametrize("room", INSIDE)
def test_its_picture_has_the_inner_rooms_in_an_order_in_which_each_stands_on_those_before(room):
    inner = list(rooms()[room][1])
    assert sorted(inner) == sorted(INSIDE[room])
    assert {name: below - {*inner[: inner.index(name)]} for name, below in INSIDE[room].items()} == {
        name: set() for name in inner
    }


@pytest.mark.parametrize("room", ORDER)
def test_its_picture_says_what_knows_spark(room):
    knows, inner = rooms()[room]
    if inner:
        assert inner == {name: knows_spark(PACKAGE / room / name) for name in inner}
    else:
        assert knows == knows_spark(PACKAGE / room)


def test_where_to_add_counts_the_files_that_it_names():
    rows = WHERE_TO_ADD.findall(TEXT)
    assert {what: len(set(paths(files))) for what, _, files in rows} == {what: int(count) for what, count, _ in rows}
    assert {what: int(count) for what, count, _ in rows}["an aggregation"] <= 5
    assert {"an aggregation", "a learner", "a report section", "a policy", "a command"} <= {what for what, *_ in rows}
