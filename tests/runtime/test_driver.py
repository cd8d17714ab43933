"""Groups of columns that come to the driver together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tillthen
from tillthen.runtime import driver
from tillthen.runtime.driver import column_groups


@pytest.mark.parametrize(
    ("names", "rows", "texts", "groups"),
    [
        ("abcdefg", 10, "", ["abcdefg"]),
        ("abcdefg", 30, "", ["abc", "def", "g"]),
        ("abcdefg", 10, "b", ["ab", "cdefg"]),
        ("abc", 1000, "b", ["a", "b", "c"]),
        ("abc", 0, "", ["abc"]),
        ("", 10, "", [""]),
    ],
)
def test_a_group_has_so_many_values_or_one_column(monkeypatch, names, rows, texts, groups):
    monkeypatch.setattr(driver, "MOST_CELLS", 90)
    assert ["".join(group) for group in column_groups(names, rows, texts)] == groups


def test_whatever_collects_rows_has_a_bound():
    package = Path(tillthen.__file__).parent
    collects = re.compile(r"\.(collect|toArrow|toPandas|toLocalIterator)\(\)")
    found = {str(file.relative_to(package)) for file in package.rglob("*.py") if collects.search(file.read_text())} - {
        "pit/conformance/engine.py"
    }  # cases of a few rows
    text = (package.parent / "ARCHITECTURE.md").read_text()
    table = text.split("## What reaches the driver")[1].split("##")[0]
    assert found <= set(re.findall(r"`([\w/]+\.py)`", table))
