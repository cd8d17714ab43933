"""No word of a drawing lies on another or outside it, whatever is drawn."""

import json
from itertools import combinations
from xml.etree import ElementTree

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from tillthen.report.facts.schema import Facts
from tillthen.report.pages.render import SECTIONS
from tillthen.report.parts.blocks import Details, Figures
from tillthen.report.parts.context import Context

SIZES = (11.5, 14.0)
"""The style sheet's sizes of a drawing's words, in the drawing's own pixels: on a page, and on a phone."""

NARROWER = 0.88
"""Browsers' sans-serif fonts against DejaVu Sans, which matplotlib measures with."""

MEASURE = TextToPath()
LONG = "challenger_of_the_quarter_with_a_name_without_end"


def width(text, size):
    # A dollar would begin a formula; in the page it is a letter.
    found, _, _ = MEASURE.get_text_width_height_descent(text.replace("$", "S"), FontProperties(size=size), False)
    return NARROWER * found


def boxes(drawing, size):
    """(words, left, top, right, bottom) of every text of an SVG."""
    root = ElementTree.fromstring(str(drawing))
    found = []

    def walk(element, dx, dy):
        move = element.attrib.get("transform", "")
        if move.startswith("translate("):
            x, y = (float(part) for part in move[10:-1].replace(",", " ").split()[:2])
            dx, dy = dx + x, dy + y
        if element.tag == "text" and element.text:
            wide = width(element.text, size)
            x, y = float(element.attrib.get("x", 0)) + dx, float(element.attrib.get("y", 0)) + dy
            left = x - wide * {"middle": 0.5, "end": 1.0}.get(element.attrib.get("text-anchor", "start"), 0.0)
            found.append((element.text, left, y - 0.74 * size, left + wide, y + 0.17 * size))
        for child in element:
            walk(child, dx, dy)

    walk(root, 0.0, 0.0)
    return found, [float(part) for part in root.attrib["viewBox"].split()]


def figures_in(blocks):
    for block in blocks:
        if isinstance(block, Figures):
            yield from block.figures
        elif isinstance(block, Details):
            yield from figures_in(block.blocks)


def figures_of(plain):
    context = Context(Facts.model_validate(json.loads(json.dumps(plain))))
    return [figure for module in SECTIONS for figure in figures_in(module.section(context).blocks)]


def faults(figure):
    # A wide drawing scrolls on a phone, in smaller letters.
    return [fault for size in SIZES[: 1 if figure.wide else 2] for fault in faults_at(figure, size)]


def faults_at(figure, size):
    found, (_, _, wide, high) = boxes(figure.drawing, size)
    said = [
        f"{figure.slug} at {size}: '{one[0]}' on '{other[0]}'"
        for one, other in combinations(found, 2)
        if min(one[3], other[3]) - max(one[1], other[1]) > 1 and min(one[4], other[4]) - max(one[2], other[2]) > 1
    ]
    # A panel has the page's margin beside it, so a little may stand out.
    return said + [
        f"{figure.slug} at {size}: '{text}' is outside"
        for text, left, top, right, bottom in found
        if left < -8 or top < -2 or right > wide + 14 or bottom > high + 2
    ]


def renamed(plain, names):
    """The same facts with other names for the models."""
    text = json.dumps(plain)
    for old, new in names.items():
        text = text.replace(f'"{old}"', json.dumps(new))
    return json.loads(text)


SHAPES = {
    "a week, four models, uncalibrated": {"models": 4, "rows": 5000, "rate": 0.007, "calibrate": False},
    "six weeks in three folds": {"folds": 3, "rows": 6000, "rate": 0.02, "days": 42},
    "twenty folds": {"models": 1, "folds": 20, "rows": 6000, "rate": 0.03, "days": 120},
    "three positives": {"rows": 600, "rate": 0.005},
    "half are positive": {"rows": 400, "rate": 0.5},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_words_are_apart(make_facts, shape):
    drawn = figures_of(make_facts(**SHAPES[shape]))
    assert len(drawn) > 12
    assert [fault for figure in drawn for fault in faults(figure)] == []


def test_long_names_and_equal_models(make_facts):
    plain = make_facts(models=4, rows=3000)
    names = [model["name"] for model in plain["models"]]
    for model in plain["models"][1:]:
        model |= {key: value for key, value in plain["models"][0].items() if key not in ("name", "role")}
    for feature in plain["features"]:
        feature["name"] += LONG
    for segment in plain["models"][0]["segments"]:
        for row in segment["rows"]:
            row["value"] = f"{LONG}{row['value']}"
    plain = renamed(plain, {name: f"{number}{LONG}" for number, name in enumerate(names)})
    assert [fault for figure in figures_of(plain) for fault in faults(figure)] == []


@pytest.mark.parametrize("factor", [0.0, 1e-3, 1e9])
def test_amounts_of_any_size(make_facts, factor):
    def scaled(found):
        if isinstance(found, dict):
            return {key: inner * factor if "cost" in key and isinstance(inner, float) else scaled(inner)
                    for key, inner in found.items()}  # fmt: skip
        return [scaled(inner) for inner in found] if isinstance(found, list) else found

    plain = scaled(make_facts(folds=2, days=28))
    assert [fault for figure in figures_of(plain) for fault in faults(figure)] == []
