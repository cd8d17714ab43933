"""Whatever the facts hold, scripts run without a fault and show it as text."""

from __future__ import annotations

import json

import pytest

from tests.report.making.hostile import HOSTILE, spoiled
from tillthen.report.pages.render import render_report

NOW = """() => Object.fromEntries([...document.querySelectorAll("[data-measure]")]
  .map((each) => [each.dataset.measure, each.querySelector(".now").textContent]))"""


@pytest.fixture
def write(tmp_path):
    def written(plain):
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(plain))
        return render_report(path)

    return written


def test_names_are_text_and_find_their_way_through_the_address(visit, write, make_facts, until):
    report = write(spoiled(make_facts(days=7)))
    page = visit(path=report)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    second = page.locator("[name=explored]").nth(1)
    second.focus()
    second.press("Space")
    page.evaluate("document.querySelector('.knobs').open = true")
    knob = page.locator("[data-input]").nth(1)
    knob.fill("9")
    until(page, "location.hash.includes('cost.')")
    again = visit(page.evaluate("location.hash"), path=report)
    assert again.locator("[name=explored]").nth(1).is_checked()
    assert again.locator("[data-input]").nth(1).input_value() == "9"
    assert again.evaluate(NOW) == page.evaluate(NOW)
    assert any(text in again.locator("#whatif").text_content() for text in HOSTILE)
    for width in (360, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_costs_without_end_are_not_measured(visit, write, make_facts):
    plain = make_facts(models=1)
    for point in plain["models"][0]["explorer"]["points"]:
        point["bases"][0] = float("inf")
    plain["models"][0]["policies"] = None
    page = visit(path=write(plain))
    found = page.evaluate(NOW)
    assert (found["cost"], found["savings"]) == ("–", "–")
    assert found["approval_rate"].endswith("%")
    page.click("#cheapest")
    assert page.input_value("#step") == "0"


def test_a_model_that_cannot_be_explored_is_named_and_the_others_work(visit, write, make_facts):
    plain = make_facts()
    plain["models"][0]["explorer"] = None
    page = visit(path=write(plain))
    assert "Not to be explored: logistic_regression: no steps were measured." in page.inner_text("#explorer")
    assert page.locator("[name=explored]").count() == 1
    page.focus("#step")
    page.keyboard.press("End")
    assert page.locator("#said").text_content().startswith("Declining from a score of")


def test_with_too_few_positives_nothing_is_called_better(visit, write, make_facts):
    page = visit(path=write(make_facts(models=1, rows=600, rate=0.005)))
    page.focus("#step")
    page.keyboard.press("End")
    changes = page.locator(".change").all_text_contents()
    assert any("pp" in each for each in changes)
    assert not any("better" in each or "worse" in each for each in changes)
    assert page.locator(".choices").is_hidden()
