"""Decisions at other costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.evaluate.scored import FOUR, TWO, bases, rows
from tillthen import Costs
from tillthen.define.faults.errors import UsageError
from tillthen.evaluate.results.whatif import what_if


@pytest.mark.parametrize("costs", [TWO, FOUR], ids=["two actions", "four actions"])
def test_without_changes_it_decides_what_the_backtest_decided_at_the_same_cost(costs):
    scored = rows(costs).sample(frac=1, random_state=1)
    found = what_if(costs, scored)
    assert found.index.equals(scored.index)
    assert (found["action"] == scored["action"]).all()
    paid = [row[f"{row['action']}_{'fraud' if row['label'] else 'genuine'}"] for row in scored.to_dict("records")]
    assert found["cost"].tolist() == paid


def test_a_change_is_what_a_backtest_with_these_costs_declared_decides():
    changed = {"churn": 0.1, "chargeback_fee": 500}
    found, other = what_if(TWO, rows(), **changed), replace(TWO, **changed)
    declared = what_if(other, rows(other))
    assert (found["action"] == declared["action"]).all()
    assert found["cost"].tolist() == pytest.approx(declared["cost"].tolist())
    assert (found["action"] != rows()["action"]).sum() > 20


def test_an_input_that_is_an_expression_is_multiplied():
    costs = Costs("amount", unit="minor", currency="EUR", margin="0.1 + 0")
    scored = rows(Costs("amount", unit="minor", currency="EUR", margin=0.1)).drop(
        columns=["base_0", "base_1"], errors="ignore"
    )
    parts = {name: scored["amount"] * (0.1 if "0.1" in text else 1.0) for text, name in costs.bases.items()}
    halved = what_if(costs, scored.assign(**parts), margin=0.5)
    plain = Costs("amount", unit="minor", currency="EUR", margin=0.05)
    assert halved["cost"].tolist() == pytest.approx(
        what_if(plain, scored.assign(**bases(plain, scored)))["cost"].tolist()
    )


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"chum": 0.1}, "no input 'chum'. Did you mean 'churn'?"),
        ({"review_cost": 10}, "no input 'review_cost'"),
        ({"churn": 1.5}, "'churn': expected a share of at most 1, got 1.5"),
        ({"contact": -1}, "'contact': expected a finite number"),
        ({"contact": float("nan")}, "'contact': expected a finite number"),
    ],
)
def test_inputs_that_are_none_are_refused(changed, fault):
    with pytest.raises(UsageError, match=fault.replace("?", r"\?")):
        what_if(TWO, rows(n=50), **changed)
