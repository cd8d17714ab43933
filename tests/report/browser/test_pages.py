"""The index of a folder and the comparison of two runs, as a reader meets them."""

from __future__ import annotations

import json

import pytest

from tillthen.report.pages.compare import render_comparison
from tillthen.report.pages.history import keep, runs
from tillthen.report.pages.index import render_index

WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def pages(tmp_path_factory, make_facts):
    """Two runs of one backtest: the page that lists it, and the one that compares them."""
    folder = tmp_path_factory.mktemp("pages")
    facts = folder / "cards" / "facts.json"
    facts.parent.mkdir()
    for rate in (0.03, 0.04):
        facts.write_text(json.dumps(make_facts(rate=rate, days=21)))
        keep(facts)
    return {"index": render_index(folder), "compare": render_comparison(*runs(facts), folder / "compare.html")}


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("name", ["index", "compare"])
def test_nothing_is_wider_than_the_screen(visit, pages, name, width):
    page = visit(path=pages[name], viewport={"width": width, "height": 800})
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert not page.evaluate(WIDE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "compare"])
def test_no_serious_fault_of_accessibility(visit, pages, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make setup").Axe()
    found = axe.run(visit(path=pages[name], color_scheme=scheme)).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found
            if each["impact"] in ("serious", "critical")] == []  # fmt: skip
