"""Names on curves hide nothing; crowded curves have a key."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from tillthen.report.drawing.axes import area, end_labels
from tillthen.report.drawing.labels import name_curves
from tillthen.report.drawing.looks import Look

LOOKS = {name: Look(number, leading=False) for number, name in enumerate(("one", "two", "three", "four"))}


def axes_of(curves):
    axes = area(Figure(figsize=(450 / 72, 320 / 72), dpi=72))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for x, y in (zip(*curve, strict=True) for curve in curves.values()):
        axes.plot(x, y)
    return axes


def test_names_are_next_to_their_curve_and_apart():
    curves = {name: [(0.0, level), (1.0, level)] for name, level in zip(LOOKS, (0.1, 0.35, 0.6, 0.9), strict=True)}
    axes = axes_of(curves)
    name_curves(axes, curves, LOOKS)
    found = {text.get_text(): text.get_position()[1] * 320 for text in axes.figure.texts}
    assert axes.get_legend() is None
    for name, curve in curves.items():
        line = axes.transData.transform(curve[0])[1]
        assert 2 < abs(found[name] + 4 - line) < 20


def test_crowded_curves_have_a_key_in_the_empty_corner():
    curves = {name: [(0.0, 1.0), (0.05, 0.1), (1.0, 0.0)] for name in LOOKS}
    axes = axes_of(curves)
    name_curves(axes, curves, LOOKS)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(LOOKS)
    assert axes.get_legend()._loc_real == 1  # upper right
    assert axes.figure.texts == []


@pytest.mark.parametrize("levels", [(0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 0.99, 0.0), (0.0, 0.1, 0.2, 0.3)])
def test_labels_at_the_end_never_touch(levels):
    curves = {name: [(0.0, level), (1.0, level)] for name, level in zip(LOOKS, levels, strict=True)}
    axes = axes_of(curves)
    end_labels(axes, [(curve[-1][1], name, LOOKS[name]) for name, curve in curves.items()])
    places = sorted(text.get_position()[1] * 320 for text in axes.figure.texts)
    assert all(above - below > 14.9 for below, above in pairwise(places))
    assert places[-1] <= 320
