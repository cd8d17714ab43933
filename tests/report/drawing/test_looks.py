"""Colours can be read on both grounds, and a model keeps its look."""

import re
from importlib import resources

import pytest

from tillthen.report.drawing.looks import COLOURS, looks
from tillthen.report.facts.schema import Facts

CSS = (resources.files("tillthen.report") / "static" / "page.css").read_text(encoding="utf-8")
VARIABLES = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))


def contrast(one, other):
    """By WCAG 2."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", COLOURS)
def test_lines_reach_three_to_one_on_white_and_on_black(colour):
    assert min(contrast(colour, ground) for ground in ("#ffffff", "#151515")) >= 3
    assert colour.lower() in CSS


@pytest.mark.parametrize("name", ["ink", "muted", "good", "bad", "m0-word", "m1-word", "m2-word", "m3-word"])
@pytest.mark.parametrize("ground", ["surface", "raised"])
def test_words_reach_four_and_a_half_to_one(name, ground):
    for word, behind in zip(VARIABLES[name].split(", "), VARIABLES[ground].split(", "), strict=True):
        assert contrast(word, behind) >= 4.5


def test_champion_then_challenger_then_the_others_and_no_two_alike():
    names = ["a", "b", "c", "d", "e", "f"]
    facts = Facts.model_validate(
        {"backtest": {"champion": "c", "challenger": "e"}, "models": [{"name": name} for name in names]}
    )
    found = looks(facts)
    assert sorted(found, key=lambda name: found[name].number) == ["c", "e", "a", "b", "d", "f"]
    assert [name for name in names if found[name].leading] == ["c", "e"]
    assert len({(look.colour, look.glyph) for look in found.values()}) == len(names)
