"""The explorer's drawings of models that have few steps."""

import re

from tillthen.report.drawing.looks import Look
from tillthen.report.facts.measures import Outcome
from tillthen.report.figures import live


def test_a_model_that_declines_everything_alone_has_a_scale_still():
    steps = {"rules": [Outcome(alert_rate=0.0, savings=0.0), Outcome(alert_rate=1.0, savings=-0.5)]}
    drawn = live.cost(steps, {"rules": Look(0, leading=True)}, {"rules": (1.0, 1.5)})
    (limits,) = re.findall(r'data-limits="([^"]*)"', str(drawn.drawing))
    low, high, *_ = map(float, limits.split())
    assert 0 < low < high == 1
