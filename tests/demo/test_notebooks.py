"""The analysts' notebooks, executed cell by cell on the demo of a small world."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.fixture
def drawing():
    """Draw on no screen, and leave no figure behind."""
    mpl.use("Agg")
    yield
    plt.close("all")


def cells(path):
    """The code cells in jupytext's percent format, each with as many empty lines before it as place its own."""
    text = path.read_text()
    marks = [*re.finditer(r"^# %%.*\n", text, flags=re.MULTILINE)]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        if "[markdown]" not in mark.group():
            yield "\n" * text.count("\n", 0, mark.end()) + text[mark.end() : end]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom(path, demo, drawing, monkeypatch):
    monkeypatch.setenv("TILLTHEN_CONF", str(demo.conf))
    monkeypatch.chdir(path.parent)  # as Jupyter does
    names = {"__name__": "__main__"}
    for cell in cells(path):
        exec(compile(cell, path, "exec", dont_inherit=True), names)  # the notebooks are ours
    assert names["config"].warehouse == str(demo.warehouse)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_begins_with_words_checks_something_and_reads_the_demo_by_default(path):
    text = path.read_text()
    assert text.startswith("# %% [markdown]\n# # ")
    assert any(re.search(r"^assert ", cell, flags=re.MULTILINE) for cell in cells(path))
    (default,) = re.findall(r'os.environ.get\("TILLTHEN_CONF", "(.+)"\)', text)
    assert (path.parent / default).resolve() == ROOT / "conf" / "local.yaml"


def test_there_are_three():
    assert {path.stem for path in NOTEBOOKS} == {"explain_a_decline", "explore_features", "read_a_backtest"}
