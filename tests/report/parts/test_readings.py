"""The explorer's arithmetic: against a table counted by hand, and against the threshold table of the same rows."""

from __future__ import annotations

import pytest

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.schema import Facts
from tillthen.report.facts.whatif import Explorer
from tillthen.report.parts.readings import cheapest, cost, declared, flaw, reading, readings, start

# Ten payments on two days: nine of 100, of which one is a fraud that is found last; and a fraud of 500, found first.
PLAIN = {
    "rows": 10, "positives": 2, "value": 1400.0, "fraud_value": 600.0, "days": 2,
    "inputs": [{"name": "fee", "value": 20.0, "unit": "minor"}, {"name": "recovery", "value": 0.25, "unit": "share"},
               {"name": "margin", "value": 0.5, "unit": "share"}],
    "components": [
        {"name": "fraud", "factors": [{"input": "recovery", "complement": True}]},
        {"name": "fees", "factors": [{"input": "fee"}]},
        {"name": "insults", "factors": [{"input": "margin"}]},
    ],
    "points": [
        dict(zip(("threshold", "flagged", "caught", "flagged_value", "caught_value", "bases"), point, strict=True))
        for point in (
            (None, 0, 0, 0, 0, [600, 2, 0]), (0.9, 1, 1, 500, 500, [100, 1, 0]), (0.4, 4, 1, 800, 500, [100, 1, 300]),
            (0.0, 10, 2, 1400, 600, [0, 0, 800]),
        )
    ],
}  # fmt: skip


def explorer(**changed):
    return Explorer.model_validate(PLAIN | changed)


def test_a_step_counted_by_hand():
    found = reading(explorer(), explorer().points[2], declared(explorer()))
    # Approved fraud 100 x 3/4 and a fee of 20; 300 of genuine payments declined at a margin of one half.
    assert found.cost == 75 + 20 + 150
    # Declining none costs 600 x 3/4 + 40, declining all 400, which is less.
    assert found.savings == 1 - 245 / 400
    assert found.model_dump(exclude={"cost", "savings"}) == {
        "threshold": 0.4, "alerts": 4, "alert_rate": 0.4, "alerts_per_day": 2.0, "precision": 0.25, "recall": 0.5,
        "value_detection_rate": 500 / 600, "false_positives_per_true": 3.0, "insult_rate": 3 / 8,
        "approval_rate": 0.6, "approval_rate_value": 600 / 1400, "fraud_bps": 1e4 * 100 / 600,
    }  # fmt: skip


def test_shares_of_nothing_are_none():
    none, *_, every = readings(explorer())
    assert (none.precision, none.false_positives_per_true, none.cost) == (None, None, 490.0)
    assert (every.fraud_bps, every.approval_rate) == (None, 0.0)


def test_other_costs_move_the_cheapest_step():
    assert cheapest(readings(explorer())) == 1
    assert cheapest(readings(explorer(), {"fee": 20.0, "recovery": 0.25, "margin": 0.0})) == 3
    assert cheapest(readings(explorer(), {"fee": 0.0, "recovery": 1.0, "margin": 0.5})) == 0


def test_an_unknown_part_leaves_the_cost_unknown():
    points = [point | {"bases": [None, *point["bases"][1:]]} for point in PLAIN["points"]]
    found = explorer(points=points)
    assert cost(found, found.points[1], declared(found)) is None
    assert readings(found)[1].savings is None
    assert cheapest(readings(found)) == 0


@pytest.mark.parametrize(("row", "step"), [({"declined": 3}, 2), ({"alerts": 1}, 1), ({}, 1)])
def test_it_starts_where_the_policy_operates_or_at_the_cheapest(row, step):
    model = ModelFacts.model_validate({"name": "m", "explorer": PLAIN, "policies": [{"name": "p", **row}]})
    assert start(model, "p") == step


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"points": PLAIN["points"][:1]}, "fewer than two steps"),
        ({"inputs": PLAIN["inputs"][1:]}, "an input that is not declared"),
        ({"components": PLAIN["components"][1:]}, "do not match"),
        ({"points": PLAIN["points"][1:]}, "do not begin with declining nothing"),
    ],
)
def test_what_cannot_be_explored_says_why(changed, said):
    found = flaw(explorer(**changed))
    assert said in found
    assert bool(said) == bool(found)


def test_at_the_declared_costs_a_step_is_a_row_of_the_threshold_table(make_facts):
    for model in Facts.model_validate(make_facts(models=2)).models:
        steps = {row.threshold: row for row in readings(model.explorer)}
        shared = [(steps[row.threshold], row) for row in model.thresholds if row.threshold in steps]
        assert len(shared) > 10
        for step, row in shared:
            for name, value in row:
                assert getattr(step, name) == (value if value is None else pytest.approx(value, rel=1e-9)), name
