"""Tables sort and save; terms are explained."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from tillthen.report.pages.render import render_report
from tillthen.report.texts.numbers import share

CAPTION = "Net cost by policy, with its savings"


@pytest.fixture
def page(visit):
    return visit()


def column(page, caption, number):
    cells = page.locator(f"[role=region][aria-label='{caption}'] tbody tr > :nth-child({number})")
    return cells.evaluate_all(
        "(all) => all.map((each) => each.querySelector('data')?.value ?? each.textContent.trim())"
    )


def head(page, caption, number):
    return page.locator(f"[role=region][aria-label='{caption}'] thead th:nth-child({number})")


def test_numbers_sort_down_then_up_then_as_declared(page):
    button, sort = head(page, CAPTION, 2).locator("button"), head(page, CAPTION, 2)
    declared = column(page, CAPTION, 2)
    button.focus()
    for way, reverse in (("descending", True), ("ascending", False)):
        page.keyboard.press("Enter")
        assert sort.get_attribute("aria-sort") == way
        assert column(page, CAPTION, 2) == sorted(declared, key=float, reverse=reverse)
    page.keyboard.press("Enter")
    assert sort.get_attribute("aria-sort") is None
    assert column(page, CAPTION, 2) == declared


def test_words_sort_up_first_and_one_column_at_a_time(page):
    head(page, CAPTION, 2).locator("button").click()
    head(page, CAPTION, 1).locator("button").click()
    found = column(page, CAPTION, 1)
    assert found == sorted(found)
    assert head(page, CAPTION, 1).get_attribute("aria-sort") == "ascending"
    assert head(page, CAPTION, 2).get_attribute("aria-sort") is None


@pytest.mark.parametrize("presses", [1, 2])
def test_what_was_not_measured_comes_last(page, presses):
    page.click("#cost summary:has-text('Policies in full')")
    box = page.locator("#cost .more[open] .scroll").first
    for _ in range(presses):
        box.locator("thead th:nth-child(2) button").click()
    shown = [text.strip() for text in box.locator("tbody td:nth-child(2)").all_text_contents()]
    measured = [text for text in shown if text != "–"]
    assert 0 < len(measured) < len(shown)
    assert shown == sorted(measured, key=float, reverse=presses == 1) + ["–"] * (len(shown) - len(measured))


def saved(page, caption):
    link = page.locator(f".table:has([aria-label='{caption}']) .csv")
    with page.expect_download() as download:
        link.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert link.get_attribute("href").startswith("data:text/csv;charset=utf-8,")
    assert unquote(link.get_attribute("href")).endswith(text.replace("\n", "\r\n").replace("\r\r", "\r"))
    return download.value.suggested_filename, list(csv.reader(io.StringIO(text)))


def test_csv_has_the_exact_numbers_in_the_units_of_the_head(page, facts):
    name, (heads, *rows) = saved(page, CAPTION)
    assert name == "net-cost-by-policy-with-its-savings.csv"
    names = ["Policy", "logistic_regression (EUR)", "xgboost (EUR)"]
    assert heads == [each for name in names for each in (name, f"{name}: note")]
    for place, policy in enumerate(facts.models[0].policies):
        costs = [model.policies[place].cost / 100 for model in facts.models]
        assert [float(cell) for cell in rows[place][2::2]] == costs
        assert rows[place][3::2] == [share(model.policies[place].savings) for model in facts.models]
        assert rows[place][0] == policy.title


def test_csv_is_as_sorted_and_lacks_what_was_not_measured(page):
    caption = "At the operating point: Bayes minimum risk"
    head(page, caption, 1).locator("button").click()
    _, (_, *rows) = saved(page, caption)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    page.evaluate("document.querySelector('#explorer > details').open = true")
    _, (_, *steps) = saved(page, "Thresholds of xgboost")
    assert all(cell == "" or float(cell) >= -1e9 for step in steps for cell in step)


def test_a_spreadsheet_runs_nothing_of_it(visit, make_facts, tmp_path):
    plain = make_facts(models=1, rows=400)
    plain["published"] = [
        {"model": "=HYPERLINK(1)", "metric": "+x", "published": -0.5, "measured": 0.5, "source": 'a "b",\nc'}
    ] * 2
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(plain))
    page = visit(path=render_report(path))
    _, rows = saved(page, "Published and measured")
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert rows[1][1].startswith("'+x")
    assert float(rows[1][2]) == -0.5
    assert rows[1][-1] == 'a "b", c'


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_terms_are_explained_and_escape_closes(page, way):
    tip = page.locator("[role=tooltip]")
    term = page.locator(".explorer a.term", has_text="Insult rate")
    assert tip.is_hidden()
    getattr(term, way)()
    assert tip.text_content() == "Share of genuine payments declined; each is an insult."
    described = term.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == tip.text_content()
    assert term.get_attribute("title") is None
    page.keyboard.press("Escape")
    assert tip.is_hidden()


def test_a_tip_can_be_pointed_at_and_leaves_with_the_pointer(page):
    tip = page.locator("[role=tooltip]")
    page.locator(".explorer a.term", has_text="Insult rate").hover()
    tip.hover()
    page.wait_for_timeout(300)
    assert tip.is_visible()
    page.mouse.move(5, 5)
    tip.wait_for(state="hidden")


def test_a_head_both_sorts_and_explains(page):
    button = head(page, "At the operating point: Bayes minimum risk", 5).locator("button")
    button.focus()
    assert page.locator("[role=tooltip]").text_content().startswith("From one bootstrap")
    assert button.get_attribute("aria-describedby") == "term-interval-means"
