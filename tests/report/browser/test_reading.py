"""The page as it is met: on small and large screens, in the dark, on paper, by keyboard and by ear."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

GROUND = "getComputedStyle(document.body).backgroundColor"
OPENED = "for (const each of document.querySelectorAll('details')) each.open = true"
SHORT = """for (const body of document.querySelectorAll("tbody")) {
  for (const row of [...body.rows].slice(2)) row.remove();
}"""
BROAD = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".scroll, .skip, .tip"))
  .map((each) => each.outerHTML.slice(0, 90))"""
CUT = """() => [...document.querySelectorAll(".drawing text")].filter((text) => {
  const [inner, outer] = [text, text.closest("svg")].map((each) => each.getBoundingClientRect());
  return inner.left < outer.left - 1 || inner.right > outer.right + 1;
}).map((text) => `${text.closest("svg").id}: ${text.textContent}`)"""
STILL = """() => {
  const kept = ["save", "operating", "declared"];
  const sorted = () => [...document.querySelectorAll("th")].map((head) => head.ariaSort ?? "").join();
  const state = () => sorted() + document.getElementById("theme").textContent + document.getElementById("step").value;
  return [...document.querySelectorAll("button")].filter((each) => !kept.includes(each.id)).filter((each) => {
    const before = state();
    each.click();
    return state() === before;
  }).map((each) => each.textContent);
}"""


@pytest.mark.parametrize("width", [360, 768, 1200, 1440])
def test_nothing_is_wider_than_the_screen(visit, width):
    page = visit(viewport={"width": width, "height": 800})
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(BROAD) == []


@pytest.mark.parametrize("width", [1200, 360])
def test_what_drawings_say_can_be_read(visit, width):
    page = visit(viewport={"width": width, "height": 800})
    heights = page.locator(".drawing text").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) > 100
    assert round(min(heights)) >= 10
    assert page.evaluate(CUT) == []


def test_the_theme_is_the_systems_until_chosen_and_then_kept(visit):
    page = visit(color_scheme="dark")
    dark, grounds = page.evaluate(GROUND), []
    assert dark == "rgb(21, 21, 21)"
    for said in ("light", "dark", "as the system"):
        page.click("#theme")
        assert page.locator("#theme").text_content() == f"Theme: {said}"
        grounds.append(page.evaluate(GROUND))
    assert grounds == ["rgb(255, 255, 255)", dark, dark]
    page.click("#theme")
    page.reload()
    assert page.locator("#theme").text_content() == "Theme: light"
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"


def test_the_facts_can_be_saved(visit, report):
    page = visit()
    with page.expect_download() as download:
        page.click("#save")
    assert json.loads(Path(download.value.path()).read_text()) == json.loads(report.with_name("facts.json").read_text())


def test_the_contents_follow_the_reader(visit, until):
    page = visit()
    links = page.locator("nav a").all()
    for link in links[2], links[-1], links[0]:
        link.click()
        until(page, "(title) => document.querySelector('nav [aria-current]').textContent === title",
                               link.text_content())  # fmt: skip
    assert page.locator("nav [aria-current]").count() == 1


def test_on_a_phone_the_contents_are_one_line_until_asked_for(visit, until):
    page = visit(viewport={"width": 360, "height": 740})
    assert page.locator("nav").bounding_box()["height"] < 60
    page.click("nav summary")
    page.click("nav a[href='#provenance']")
    until(page, "document.getElementById('here').textContent === 'Provenance'")
    assert page.locator("nav").bounding_box()["height"] < 60
    title = page.locator("#provenance-title").bounding_box()
    assert 40 < title["y"] < 300


def test_every_button_changes_the_page(visit):
    page = visit()
    assert page.locator("button").count() > 60
    page.focus("#step")
    page.keyboard.press("Home")
    assert page.evaluate(STILL) == []
    page.focus("#step")
    page.keyboard.press("Home")
    page.click("#operating")
    assert page.input_value("#step") != "0"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_no_serious_fault_of_accessibility(visit, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make setup").Axe()
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.evaluate(OPENED)
    page.evaluate(SHORT)  # rows are alike, and each costs time
    page.fill("[data-input=margin]", "3")
    found = axe.run(page).response["violations"]
    assert [(each["id"], each["impact"], [node["target"] for node in each["nodes"]][:3]) for each in found
            if each["impact"] in ("serious", "critical")] == []  # fmt: skip


def test_paper_has_every_figure_whole_and_every_detail_open(visit):
    pypdf = pytest.importorskip("pypdf", reason="needs pypdf: make setup")
    page = visit(color_scheme="dark")
    marks = page.locator("figure").evaluate_all("""(all) => all.map((each) => [
      each.querySelector("figcaption strong").textContent.trim(), ...[...each.querySelectorAll(".drawing text")]
        .map((text) => text.textContent.trim()).filter((text) => text.length > 8).slice(0, 2)])""")
    sheets = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]
    flat = ["".join(sheet.split()) for sheet in sheets]
    assert len(marks) > 10
    for mark in marks:
        wanted = ["".join(text.split()) for text in mark]
        assert any(all(text in sheet for text in wanted) for sheet in flat), mark
    assert "Thresholdsofxgboost" in "".join(flat)
    assert "Cheapestunderthesecosts" not in "".join(flat)


def test_on_paper_it_is_light_and_no_drawing_is_taller_than_a_sheet(visit):
    page = visit(color_scheme="dark", viewport={"width": 688, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    page.locator("#theme").evaluate("(theme) => { theme.click(); theme.click(); }")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 27, 26)"
    heights = page.locator(".drawing").evaluate_all("(all) => all.map((each) => each.getBoundingClientRect().height)")
    assert max(heights) < 900
