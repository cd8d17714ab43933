"""Whatever numbers are missing, zero, negative or without end, every section is made."""

import random

import pytest

from tillthen.report.facts.loading import read_facts
from tillthen.report.facts.schema import Facts
from tillthen.report.pages.render import SECTIONS
from tillthen.report.parts.context import Context

KEPT = {"number", "fold", "days", "share", "k", "minor_digits", "most"}
"""Numbers without which a row is none; without them the file is refused."""


def holed(found, draw, rate, values, key=""):
    """The same facts with some numbers replaced; counts become zero or missing."""
    if isinstance(found, dict):
        return {name: holed(inner, draw, rate, values, name) for name, inner in found.items()}
    if isinstance(found, list):
        return [holed(inner, draw, rate, values, key) for inner in found]
    if isinstance(found, bool | str) or found is None or key in KEPT or draw.random() >= rate:
        return found
    return draw.choice([None, 0]) if isinstance(found, int) else draw.choice(values)


@pytest.mark.parametrize(
    ("rate", "values"),
    [
        (0.3, [float("nan")]),
        (1.0, [None]),
        (1.0, [0.0]),
        (0.9, [-1.0, 1.0]),
        (0.3, [float("inf"), 1e300, 1e-300, -5.0, 1e12]),
    ],
)
def test_sections_of_facts_with_holes(make_facts, write_facts, rate, values):
    draw = random.Random(11)
    plain = holed(make_facts(models=2, folds=2, rows=400, days=28), draw, rate, values)
    facts, _ = read_facts(write_facts(plain))
    made = [module.section(Context(facts)) for module in SECTIONS]
    assert all(section.blocks for section in made)


def test_nothing_but_a_model_s_name():
    made = [module.section(Context(Facts.model_validate({"models": [{"name": "m"}]}))) for module in SECTIONS]
    assert all(section.blocks for section in made)
