"""The decisions as row expressions, run by SQLite, against those of arrays."""

import re
import sqlite3

import numpy as np
import pytest

from tillthen.decide.actions import ACTIONS, cheapest, least_expected, saving
from tillthen.decide.costs import CostTable
from tillthen.decide.policies import bayes_minimum_risk, oracle

RANDOM = np.random.default_rng(2)
P = RANDOM.integers(0, 11, 400) / 10


def run(expression, columns):
    """The expression on every row; doubles' suffix and ``least`` as SQLite writes them."""
    text = re.sub(r"(?<=[0-9])D\b", ".0", expression).replace("least(", "min(")
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


def test_one_action_is_the_only_one():
    assert cheapest(["approve"]) == "'approve'"
