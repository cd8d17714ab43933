"""A sparkline connects what is known, upwards for more."""

from __future__ import annotations

import re

import pytest

from tillthen.report.drawing.sparkline import HEIGHT, sparkline


def corners(values):
    (path,) = re.findall(r'd="([^"]+)"', str(sparkline(values)))
    return [(kind, float(x), float(y)) for kind, x, y in re.findall(r"([ML])([\d.]+) ([\d.]+)", path)]


def test_more_is_up_and_later_is_right():
    first, second, third = corners([1.0, 3.0, 2.0])
    assert (first[0], second[0], third[0]) == ("M", "L", "L")
    assert first[1] < second[1] < third[1]
    assert second[2] < third[2] < first[2]


def test_a_run_without_a_value_is_a_gap():
    assert [kind for kind, *_ in corners([1.0, 2.0, None, 2.0, 1.0])] == ["M", "L", "M", "L"]


def test_what_never_changes_lies_in_the_middle():
    assert {y for *_, y in corners([5.0, 5.0])} == {HEIGHT / 2}


@pytest.mark.parametrize("values", [[], [1.0], [None, 1.0, None]])
def test_one_value_is_no_trend(values):
    assert sparkline(values) is None
