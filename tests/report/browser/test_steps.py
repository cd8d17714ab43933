"""The script's numbers are Python's, at every step of the slider, and lie where the drawings say."""

from __future__ import annotations

import math
import random
from functools import partial
from itertools import product

import pytest

from tillthen.report.facts.selection import operating
from tillthen.report.figures.live import relative
from tillthen.report.parts import cells, readings
from tillthen.report.sections.explorer import GROUPS
from tillthen.report.texts import numbers
from tillthen.report.texts.numbers import Money

MEASURES = [measure for _, measures in GROUPS for measure in measures]
CHANGED = {"recovery": "25", "chargeback_fee": "40", "margin": "2.5"}
EVERY_STEP = """() => {
  const range = document.getElementById("step"), found = [];
  for (let step = 0; step <= Number(range.max); step++) {
    range.value = step;
    range.dispatchEvent(new Event("input"));
    const row = {};
    for (const each of document.querySelectorAll("[data-measure]")) {
      row[each.dataset.measure] = [".now", ".change"].map((name) => each.querySelector(name).textContent);
    }
    found.push(row);
  }
  return found;
}"""


def judged(measure, gap, money, than=""):
    if gap == 0:
        return "the same" + than
    words = {"": "", "lower": " better" if gap < 0 else " worse", "higher": " worse" if gap < 0 else " better"}
    return cells.in_unit(gap, measure.unit, money, change=True) + words[measure.better] + than


def expected(model, policy, money, inputs):
    """What each step has to say, by Python's arithmetic and Python's formats."""
    before, plain = operating(model, policy), readings.readings(model.explorer)
    supposed = inputs != readings.declared(model.explorer)
    for declared, row in zip(plain, readings.readings(model.explorer, inputs), strict=True):
        said = {}
        for measure in MEASURES:
            priced = supposed and measure.key in ("cost", "savings")
            now, then = getattr(row, measure.key), getattr(declared if priced else before, measure.key)
            change = (
                "" if now is None or then is None else judged(measure, now - then, money, " than declared" * priced)
            )
            said[measure.key] = [cells.in_unit(now, measure.unit, money), change]
        yield said


@pytest.mark.parametrize("name", ["logistic_regression", "xgboost"])
@pytest.mark.parametrize("changed", [{}, CHANGED], ids=["declared", "what-if"])
def test_every_step_says_what_python_says(visit, facts, name, changed):
    page, model = visit(), facts.model(name)
    inputs = readings.declared(model.explorer)
    page.check(f"[data-name={name}]")
    page.evaluate("document.querySelector('.knobs').open = true")
    for key, text in changed.items():
        knob = page.locator(f"[data-input={key}]")
        knob.fill(text)
        inputs[key] = float(text) / float(knob.get_attribute("data-scale"))
    found = page.evaluate(EVERY_STEP)
    assert len(found) == len(model.explorer.points) > 100
    assert found == list(expected(model, facts.verdict.policy, Money("EUR", 2), inputs))


def awkward():
    """Numbers at which roundings differ: ties, ends of ranges, the very large and small, and some of each size."""
    drawn = random.Random(7)
    ties = [0.5, 1.5, 2.5, 0.125, 0.375, 2.675, 1e21, 1.125e15, 0.00125, 999.5, 99.95, 0.0005, 1012.5, 1013.5]
    ends = [0.0, 1.0, 0.1, 0.001, 0.0001, 0.00001, 0.9999, 0.99999, 0.9999999, 10.0, 1e-6, 1e-7, 1e15, 0.00005, -0.0]
    sizes = [drawn.uniform(1, 10) * 10**power for power in range(-12, 24) for _ in range(8)]
    halves = [drawn.randrange(10**6) / 2**power for power in range(1, 12) for _ in range(8)]
    return [sign * value for value in (*ties, *ends, *sizes, *halves) for sign in (1, -1)]


def test_numbers_are_written_as_python_writes_them(visit):
    values, money = awkward(), Money("EUR", 2)
    written = {
        "count": numbers.count, "share": numbers.share, "points": numbers.points, "significant": numbers.significant,
    }  # fmt: skip
    for unit, change in product(("money", "share", "ratio", "bps", "count"), (False, True)):
        written[f"inUnit:{unit}:{change}"] = partial(cells.in_unit, unit=unit, money=money, change=change)
    found = visit().evaluate(
        """([values, names]) => names.map((name) => values.map((value) => {
          const [call, unit, change] = name.split(":");
          return numbers[call](value, ...(unit ? [unit, { currency: "EUR", digits: 2 }, change === "True"] : []));
        }))""",
        [[*values, None], list(written)],
    )
    for (name, write), texts in zip(written.items(), found, strict=True):
        assert dict(zip(values, texts, strict=False)) == {value: write(value) for value in values}, name
        assert texts[-1] == write(None)


@pytest.mark.parametrize("drawing", ["live-pr", "live-cost"])
def test_the_mark_is_on_the_curve(visit, facts, drawing):
    page, model = visit(), facts.model("logistic_regression")
    rows = readings.readings(model.explorer)
    for step in (1, len(rows) // 3, len(rows) // 2):
        page.locator("#step").fill(str(step))
        group = page.locator(f"#{drawing} .live")
        left, right, top, bottom = map(float, group.get_attribute("data-frame").split())
        x0, x1, y0, y1 = map(float, group.get_attribute("data-limits").split())
        x, y = page.locator(f"#{drawing} circle").last.evaluate(
            "(circle) => { const { e, f } = circle.transform.baseVal[0].matrix; return [e, f]; }"
        )
        row = rows[step]
        if drawing == "live-pr":
            along, up = (row.recall - x0) / (x1 - x0), (row.precision - y0) / (y1 - y0)
        else:
            along = math.log(row.alert_rate / x0) / math.log(x1 / x0)
            up = (dict(relative(rows))[row.alert_rate] - y0) / (y1 - y0)
        assert (x, y) == pytest.approx((left + along * (right - left), bottom - up * (bottom - top)), abs=0.02)
