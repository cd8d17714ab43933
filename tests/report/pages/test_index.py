"""The page of a folder's backtests, with their trends."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from tillthen.define.faults.errors import ReportError, UsageError
from tillthen.report.pages.history import keep
from tillthen.report.pages.index import render_index
from tillthen.report.pages.publish import publish_all


def write(folder, plain):
    folder.mkdir(exist_ok=True)
    (folder / "facts.json").write_text(json.dumps(plain))
    return folder / "facts.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_facts):
    """Two runs of one backtest, one run of another."""
    folder = tmp_path_factory.mktemp("backtests")
    for cost, definitions in ((4000000.0, "aaaa"), (3900000.0, "bbbb")):
        plain = make_facts(days=21)
        plain["backtest"]["name"] = "cards & more"
        plain["verdict"]["rows"][0]["challenger"] = cost
        plain["provenance"]["definitions_hash"] = definitions
        keep(write(folder / "cards", plain))
    alone = make_facts(models=1)
    alone["verdict"]["gates"] = []
    keep(write(folder / "alone", alone))
    render_index(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return Path(copytree(made, tmp_path / "copy"))


def test_each_backtest_has_its_verdict_and_a_link_to_its_report(folder, read_page):
    page = read_page(folder / "index.html")
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert {"alone/report.html", "cards/report.html"} <= set(links)
    verdict, cost, precision, gates, tested = page.row("The last run of each", "cards & more")
    assert verdict == "The challenger would have cost less."
    assert cost.startswith("EUR\xa039,000 xgboost; logistic_regression EUR")
    assert precision.endswith("xgboost")
    assert gates.startswith("✗ 1 of 2 failed")
    assert tested.startswith("[2018-08-08, 2018-08-29)")
    assert page.row("The last run of each", "card_fraud")[3].startswith("none declared")


def test_a_trend_says_what_else_changed(folder, read_page):
    page = read_page(folder / "index.html")
    rows = [[cell.strip() for cell in row] for row in page.tables["cards & more: 2 runs"]]
    (cost,) = [row for row in rows if row[0].endswith("xgboost") and row[1] == "Net cost"]
    assert cost[2:6] == ["EUR\xa040,000", "EUR\xa040,000", "EUR\xa039,000", "EUR\xa0−1,000"]
    assert "Not the same in all runs: definitions. The figures move with them; no interval is of a trend." in page.words
    assert "card_fraud: 1 runs" not in page.tables  # one run is no trend


def test_written_again_it_is_the_same(folder):
    before = (folder / "index.html").read_bytes()
    assert render_index(folder).read_bytes() == before


def test_facts_that_cannot_be_read_are_named_and_keep_no_other_from_the_page(folder, read_page):
    (folder / "alone" / "facts.json").write_text("{")
    page = read_page(render_index(folder))
    assert "✗ 1 cannot be read" in page.words
    assert page.row("The last run of each", "cards & more")


def test_an_empty_folder_has_no_index(tmp_path):
    with pytest.raises(UsageError, match="There are no backtests in"):
        render_index(tmp_path)


def test_a_report_that_fails_keeps_no_other_from_being_published(tmp_path, make_facts):
    found = [write(tmp_path / "broken", {}), write(tmp_path / "cards", make_facts(models=1))]
    with pytest.raises(ReportError, match="broken/facts.json"):
        publish_all(found, tmp_path)
    made = {path.name for path in (tmp_path / "cards").iterdir()}
    assert made == {"facts.json", "history", "report.html", "summary.md"}
    assert (tmp_path / "index.html").exists()
