"""The analysts' notebooks, executed cell by cell on the demo's declarations and a small world."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from tillthen.backtest.run import run_backtests
from tillthen.build.build import build
from tillthen.runtime.config import load_config
from tillthen.simulate.run import simulate

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
CONF = """
features: [features/small.py]
backtests: [backtests/small.py]
warehouse: warehouse
simulate: {cards: 100, merchants: 54, issuers: 12, start: 2025-01-01, days: 70, fraud: 20, late: 0.02, seed: 7}
"""
# The demo's own declarations with two of its feature sets, on ten weeks in place of seven months.
FEATURES = """
from dataclasses import replace

from . import card_fraud as demo
from .cards import card_velocity
from .merchants import merchant_risk

card_fraud_features = replace(demo.card_fraud_features, feature_sets=[card_velocity, merchant_risk])
"""
BACKTEST = """
from dataclasses import replace

from tillthen import Folds, days

from ..features.small import card_fraud_features
from . import card_fraud as demo

card_fraud = replace(
    demo.card_fraud,
    table=card_fraud_features,
    label=replace(demo.fraud, maturity=days(10)),
    folds=Folds("2025-01-05", train=days(20), embargo=days(10), calibrate=days(7), test=days(8)),
    models=demo.card_fraud.models[1:],
)
"""


@pytest.fixture(scope="module")
def conf(spark, tmp_path_factory):
    """The configuration of a small world with the demo's features and a backtest that has run."""
    root = tmp_path_factory.mktemp("demo")
    for folder, declared in (("features", FEATURES), ("backtests", BACKTEST)):
        copytree(ROOT / folder, root / folder)
        (root / folder / "small.py").write_text(declared)
    (root / "conf").mkdir()
    path = root / "conf" / "small.yaml"
    path.write_text(CONF)
    config = load_config(path)
    project = config.project()
    simulate(config)
    build(config, project)
    run_backtests(config, project, ["card_fraud"])
    return path


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
def test_it_runs_from_top_to_bottom(path, conf, drawing, monkeypatch):
    monkeypatch.setenv("TILLTHEN_CONF", str(conf))
    monkeypatch.chdir(path.parent)  # as Jupyter does
    names = {"__name__": "__main__"}
    for cell in cells(path):
        exec(compile(cell, path, "exec", dont_inherit=True), names)  # the notebooks are ours
    assert names["config"].root == conf.parents[1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_begins_with_words_checks_something_and_reads_the_demo_by_default(path):
    text = path.read_text()
    assert text.startswith("# %% [markdown]\n# # ")
    assert any(re.search(r"^assert ", cell, flags=re.MULTILINE) for cell in cells(path))
    (default,) = re.findall(r'os.environ.get\("TILLTHEN_CONF", "(.+)"\)', text)
    assert (path.parent / default).resolve() == ROOT / "conf" / "local.yaml"


def test_there_are_three():
    assert {path.stem for path in NOTEBOOKS} == {"explain_a_decline", "explore_features", "read_a_backtest"}
