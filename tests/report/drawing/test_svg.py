"""Drawings: themed, named, safe, and the same bytes whatever the caller's matplotlib is set to."""

import re
from xml.etree import ElementTree

import matplotlib
import pytest

from tillthen.report.drawing.svg import FAINT, INK, VARIABLES, draw


def paint(figure):
    axes = figure.add_subplot()
    axes.plot([1, 2, 3], [1, 4, 2], color=INK, marker="o")
    axes.bar([1], [2], color="#0072B2", hatch="//", edgecolor=FAINT)
    axes.set_xlabel("<b> & $x$ 支払い مرحبا")


def test_same_figure_same_bytes():
    matplotlib.rcParams["lines.linewidth"], before = 9.0, matplotlib.rcParams["lines.linewidth"]
    try:
        first = draw("one", "Title", "Words.", paint)
        assert matplotlib.rcParams["lines.linewidth"] == 9.0
    finally:
        matplotlib.rcParams["lines.linewidth"] = before
    assert draw("one", "Title", "Words.", paint) == first


def test_is_named_and_described_and_its_ids_are_its_own():
    root = ElementTree.fromstring(draw("one", "Ti & tle", "Wo < rds.", paint))
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    used = set(re.findall(r"#(one[^)\"]*)", ElementTree.tostring(root, encoding="unicode")))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "one-title one-desc"
    assert [(child.tag, child.text) for child in root[:2]] == [("title", "Ti & tle"), ("desc", "Wo < rds.")]
    assert len(ids) == len(set(ids))
    assert all(each == "one" or each.startswith("one-") for each in ids)
    assert used <= set(ids)


def test_has_no_styles_and_no_colour_that_a_theme_should_choose():
    text = draw("one", "Title", "Words.", paint)
    assert "style=" not in text
    assert "<style" not in text
    assert "http" not in text
    assert 'stroke="var(--ink)"' in text
    assert not any(stand_in in text for stand_in in VARIABLES)
    assert "#0072b2" in text


def test_text_is_text_not_markup_and_not_mathematics():
    assert "&lt;b&gt; &amp; $x$ 支払い مرحبا" in draw("one", "Title", "Words.", paint)


@pytest.mark.parametrize("number", ["1.2345678", "-0.0000001"])
def test_coordinates_are_short(number):
    assert not re.search(r"\d\.\d{3,}", draw("one", number[:3], "Words.", paint))
