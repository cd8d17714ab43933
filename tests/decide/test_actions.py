"""The decisions as row expressions, run by SQLite, against those of arrays."""

import re
import sqlite3

import numpy as np
import pytest

from tests.decide.reference import above, by_saving, declined, oracle
from tillthen.decide.actions import ACTIONS, cheapest, least_expected, saving
from tillthen.decide.costs import CostTable
from tillthen.decide.policies import bayes_minimum_risk
from tillthen.decide.rules import RULES, decision, taken

RANDOM = np.random.default_rng(2)
P = RANDOM.integers(0, 11, 400) / 10


def run(expression, columns):
    """The expression on every row; doubles' suffix and ``least`` as SQLite writes them."""
    text = re.sub(r"\b([0-9.]+)D\b", r"CAST(\1 AS REAL)", expression).replace("least(", "min(")
    with sqlite3.connect(":memory:") as connection:
        names = ", ".join(columns)
        connection.execute(f"create table t ({names})")
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        connection.executemany(f"insert into t values ({', '.join('?' * len(columns))})", rows)
        return [value for (value,) in connection.execute(f"select {text} from t order by rowid")]


@pytest.mark.parametrize("actions", [ACTIONS, ("approve", "decline"), ("approve", "review", "decline")])
def test_expressions_decide_as_arrays_do(actions):
    columns = {f"{a}_{o}": RANDOM.integers(0, 50, 400) * 10.0 for a in actions for o in ("fraud", "genuine")}
    costs = CostTable.of(columns)
    read = columns | {"probability": P}
    assert run(least_expected(actions), read) == [actions[i] for i in bayes_minimum_risk(P, costs)]
    frauds = oracle(np.ones(400, dtype=np.int64), costs)
    assert run(cheapest(actions, "{}_fraud"), read) == [actions[i] for i in frauds]
    expected = costs.expected(P)
    limited = actions.index("review" if "review" in actions else "decline")
    others = np.delete(expected, limited, axis=0).min(axis=0)
    assert run(saving(actions), read) == pytest.approx(others - expected[limited])


def test_a_row_at_the_threshold_reaches_it():
    columns = {"probability": np.array([0.4, 0.5, 0.6, 1.0]), "threshold": np.array([0.5, 0.5, 0.5, None])}
    nothing = {f"{action}_{outcome}": np.zeros(4) for action in ACTIONS for outcome in ("fraud", "genuine")}
    for policy, reached in (("best_f1", [0, 1, 1, 0]), ("empirical", [0, 1, 1, 0]), ("fixed", [0, 1, 1, 1])):
        assert run(taken(policy, ACTIONS, threshold="threshold"), columns | nothing) == reached
        assert above(columns["probability"][:3], 0.5).tolist() == [bool(one) for one in reached[:3]]
    assert not above(columns["probability"], None).any()


@pytest.mark.parametrize("policy", [name for name in RULES if name != "capacity"])
@pytest.mark.parametrize("actions", [ACTIONS, ("approve", "decline"), ("approve", "challenge", "decline")])
def test_every_rule_decides_as_arrays_do(policy, actions):
    columns = {f"{a}_{o}": RANDOM.integers(0, 7, 400) * 1.0 for a in actions for o in ("fraud", "genuine")}
    costs, p, labels = CostTable.of(columns), RANDOM.integers(0, 9, 400) / 8, RANDOM.integers(0, 2, 400)
    limit = 0.25  # eighths and small whole numbers: expected costs are exact, and many equal
    wanted = {
        "none": np.zeros(400, dtype=int), "all": np.full(400, len(actions) - 1),
        "fixed": declined(costs, above(p, 0.5)), "best_f1": declined(costs, above(p, limit)),
        "empirical": declined(costs, above(p, limit)), "bayes_minimum_risk": bayes_minimum_risk(p, costs),
        "saving_threshold": by_saving(p, costs, limit), "oracle": oracle(labels, costs),
    }[policy]  # fmt: skip
    found = run(decision(policy, actions, threshold=f"{limit}D"), columns | {"probability": p, "label": labels})
    assert found == [actions[i] for i in wanted]


def test_one_action_is_the_only_one():
    assert cheapest(["approve"]) == "'approve'"
