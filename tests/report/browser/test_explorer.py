"""Every control of the explorer changes what the page says; its state is in the address."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from tillthen.report.facts.selection import operating
from tillthen.report.parts import readings
from tillthen.report.texts.numbers import significant

NOW = """() => Object.fromEntries([...document.querySelectorAll("[data-measure]")]
  .map((each) => [each.dataset.measure, each.querySelector(".now").textContent]))"""
PARTS = (".dial", "#step", "#said", ".readings", ".compared", ".knobs", ".whatif")
WRITTEN = "location.hash.startsWith('#explorer?')"


@pytest.fixture
def page(visit):
    return visit()


def said(page):
    return page.locator("#said").text_content()


@pytest.fixture
def state(page, until):
    """What the address says, once it is written."""
    return lambda: until(page, WRITTEN) or page.wait_for_timeout(150) or read_address(page)


def read_address(page):
    return {key: value for key, (value,) in parse_qs(page.evaluate("location.hash").partition("?")[2]).items()}


def test_it_begins_at_the_operating_point(page, facts):
    model = facts.model("logistic_regression")
    row = model.explorer.points[readings.start(model, facts.verdict.policy)]
    assert abs(row.flagged - operating(model, facts.verdict.policy).declined) <= 20
    assert f"score of {significant(row.threshold)} on" in said(page)
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize("key", ["ArrowRight", "ArrowLeft", "PageUp", "Home", "End"])
def test_keys_move_the_slider(page, key):
    before, text = said(page), page.locator("#step").get_attribute("aria-valuetext")
    page.focus("#step")
    page.keyboard.press(key)
    assert said(page) != before
    assert page.locator("#step").get_attribute("aria-valuetext") != text
    if key in ("Home", "End"):
        assert said(page).startswith("Declining nothing" if key == "Home" else "Declining from a score of")
        assert page.locator("[data-measure=approval_rate] .now").text_content() == {"Home": "100%", "End": "0%"}[key]


def test_a_threshold_goes_to_its_nearest_step(page, facts):
    points = facts.model("logistic_regression").explorer.points
    page.fill("#threshold", str(points[40].threshold + 1e-9))
    page.keyboard.press("Enter")
    assert page.input_value("#step") == "40"
    page.fill("#threshold", "")
    page.keyboard.press("Tab")
    assert page.input_value("#step") == "0"
    assert said(page).startswith("Declining nothing: 0 alerts a day, precision –")


def test_alerts_a_day_are_at_most_so_many(page, facts):
    explorer = facts.model("logistic_regression").explorer
    page.fill("#alerts", "17")
    page.keyboard.press("Enter")
    step = int(page.input_value("#step"))
    assert explorer.points[step].flagged / explorer.days <= 17 < explorer.points[step + 1].flagged / explorer.days


def test_the_models_differ_and_each_starts_where_it_operates(page, facts):
    first = page.evaluate(NOW)
    page.focus("[data-name=logistic_regression]")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("[data-name=xgboost]")
    assert page.evaluate(NOW) != first
    assert page.input_value("#step") == str(readings.start(facts.model("xgboost"), facts.verdict.policy))


def test_buttons_go_to_the_cheapest_and_back(page, facts):
    model = facts.model("logistic_regression")
    begun = page.input_value("#step")
    page.click("#cheapest")
    assert page.input_value("#step") == str(readings.cheapest(readings.readings(model.explorer)))
    page.click("#operating")
    assert page.input_value("#step") == begun


def test_other_costs_are_marked_as_such_move_the_cheapest_and_go_away(page, facts):
    explorer, before = facts.model("logistic_regression").explorer, page.evaluate(NOW)
    page.click(".knobs summary")
    page.fill("[data-input=margin]", "0.5")
    after = page.evaluate(NOW)
    assert {key for key in after if after[key] != before[key]} == {"cost", "savings"}
    assert page.locator("#whatif").text_content().startswith("What if: Margin on a payment 0.5%, declared 10%.")
    assert page.locator(".supposed").count() == 2
    page.click("#cheapest")
    steps = readings.readings(explorer, readings.declared(explorer) | {"margin": 0.005})
    assert page.input_value("#step") == str(readings.cheapest(steps))
    page.click("#declared")
    page.click("#operating")
    assert page.evaluate(NOW) == before
    assert page.locator("#whatif").is_hidden()
    assert page.locator(".supposed").count() == 0


@pytest.mark.parametrize("text", ["-1", "101", ""])
def test_an_impossible_cost_is_refused_and_the_declared_one_used(page, text):
    before = page.evaluate(NOW)
    page.click(".knobs summary")
    page.fill("[data-input=recovery]", text)
    assert page.locator(".fault").text_content() == (
        "Share of a fraud that is recovered: expected 0 to 100. The declared cost is used."
    )
    assert page.locator("[data-input=recovery]").get_attribute("aria-invalid") == "true"
    assert page.evaluate(NOW) == before


def test_the_address_brings_the_same_state_back(page, visit, state, until):
    page.check("[data-name=xgboost]")
    page.click(".knobs summary")
    page.fill("[data-input=chargeback_fee]", "55.5")
    page.focus("#step")
    page.keyboard.press("PageUp")
    found = state()
    assert set(found) == {"model", "from", "cost.chargeback_fee"}
    assert (found["model"], found["cost.chargeback_fee"]) == ("xgboost", "5550")
    again = visit(page.evaluate("location.hash"))
    assert again.evaluate(NOW) == page.evaluate(NOW)
    assert said(again) == said(page)
    assert again.input_value("[data-input=chargeback_fee]") == "55.5"
    until(again, "Math.abs(document.getElementById('explorer').getBoundingClientRect().top) < 200")


def test_a_link_within_the_page_can_be_followed_back(page, state, until):
    page.focus("#step")
    page.keyboard.press("Home")
    state()
    page.click("nav a[href='#limits']")
    page.go_back()
    until(page, WRITTEN)
    assert said(page).startswith("Declining nothing")


@pytest.mark.parametrize(
    "fragment",
    [
        "model=nobody&from=NaN&cost.margin=Infinity&cost.nothing=1",
        "from=%00&cost.margin=-3",
        "model=<img src=x>",
        "&&==%",
    ],
)
def test_a_foreign_address_does_no_harm(visit, page, fragment):
    assert visit(f"#explorer?{fragment}").evaluate(NOW) == page.evaluate(NOW)


def test_what_is_said_is_announced_and_every_control_has_a_name(page):
    assert page.locator("output").get_attribute("aria-live") == "polite"
    page.click(".knobs summary")
    names = page.locator(".explorer :is(input, button)").evaluate_all(
        "(all) => all.map((each) => (each.labels?.[0] ?? each).textContent.trim())"
    )
    assert len(names) == 2 + 3 + 2 + 5 + 1
    assert all(names)


def test_without_scripts_the_table_and_the_drawings_remain(visit):
    page = visit(java_script_enabled=False)
    assert page.locator(".explorer .drawing").first.is_visible()
    assert [page.locator(f".explorer {part}").first.is_visible() for part in PARTS] == [False] * len(PARTS)
    page.click("#explorer > details summary")
    table = page.get_by_role("region", name="Thresholds of xgboost").locator("table")
    assert table.is_visible()
    assert table.locator("tbody tr").count() > 20
