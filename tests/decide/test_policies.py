"""Policies and costs by hand, and on random tables against a loop over every row, action and threshold."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decide import reference
from tests.decide.reference import by_saving
from tillthen.decide import policies
from tillthen.decide.actions import ACTIONS
from tillthen.decide.costs import CostTable, savings
from tillthen.decide.policies import saving_threshold
from tillthen.decide.rules import FIXED, RULES

ALL = len(ACTIONS)
cents = st.integers(0, 500)
rows = st.tuples(st.integers(0, 10), st.integers(0, 1), st.integers(0, 2), *[st.tuples(cents, cents)] * ALL)
tables = st.lists(rows, min_size=1, max_size=30)
chosen_actions = st.sampled_from([ACTIONS, ("approve", "decline"), ("approve", "challenge", "decline"),
                                  ("approve", "review", "decline")])  # fmt: skip


def parts(table, actions):
    """Columns of a table whose rows are (tenths of p, label, day, (cost on a fraud, on a genuine payment)...)."""
    p, labels, days = (np.array([row[i] for row in table]) for i in range(3))
    columns = {}
    for name, i in zip(ACTIONS, range(3, 3 + ALL), strict=True):
        if name in actions:
            columns[f"{name}_fraud"] = np.array([row[i][0] for row in table], dtype=float)
            columns[f"{name}_genuine"] = np.array([row[i][1] for row in table], dtype=float)
    return p / 10, labels, days, CostTable.of(columns)


def expected(row, action):
    fraud, genuine = row[3 + ACTIONS.index(action)]
    return row[0] / 10 * fraud + (1 - row[0] / 10) * genuine


def paid(row, action):
    return row[3 + ACTIONS.index(action)][1 - row[1]]


HAND = CostTable.of(
    {
        # payments of 1000 and 100; margin 5%, chargeback fee 20, review 15
        "approve_fraud": np.array([1020.0, 1020, 120, 120]),
        "review_fraud": np.full(4, 15.0),
        "review_genuine": np.full(4, 15.0),
        "decline_genuine": np.array([50.0, 50, 5, 5]),
        "decline_fraud": np.zeros(4),
    }
)


def test_bayes_minimum_risk_by_hand():
    #      approve 10.2, review 15, decline 49.5 | 204, 15, 40 | 1.2, 15, 4.95 | 24, 15, 4
    p = np.array([0.01, 0.2, 0.01, 0.2])
    assert policies.bayes_minimum_risk(p, HAND).tolist() == [0, 1, 0, 2]
    assert HAND.of_decisions(np.array([0, 1, 0, 2]), np.array([1, 1, 0, 0])).tolist() == [1020, 15, 0, 5]


def test_equal_costs_go_to_the_mildest_action():
    costs = CostTable.of({"approve_fraud": np.array([1000.0]), "decline_genuine": np.array([1000.0])})
    assert policies.bayes_minimum_risk(np.array([0.5]), costs).tolist() == [0]


def test_a_review_is_what_capacity_limits_where_there_are_reviews():
    # a review saves 204 - 15 against 40 - 15: the cheapest other action counts; the fourth row is better declined
    p, days = np.array([0.2, 0.2, 0.2, 0.2]), np.zeros(4, dtype=np.int64)
    assert reference.capacity(p, HAND, days, 1).tolist() == [1, 2, 2, 2]
    assert reference.capacity(p, HAND, days, 4).tolist() == [1, 1, 2, 2]


def test_savings_of_a_small_table():
    costs = CostTable.of({"approve_fraud": np.full(3, 100.0), "decline_genuine": np.full(3, 10.0),
                          "decline_fraud": np.full(3, 1.0)})  # fmt: skip
    labels = np.array([1, 0, 0])
    perfect = costs.of_decisions(np.array([1, 0, 0]), labels).sum()
    assert perfect == 1
    assert costs.savings(perfect, labels) == pytest.approx(1 - 1 / 21)  # declining all costs 1 + 10 + 10
    assert savings(5, 0, 3) is None


@given(tables, chosen_actions)
def test_bayes_minimum_risk_is_the_cheapest_in_expectation(table, actions):
    p, labels, _, costs = parts(table, actions)
    chosen = policies.bayes_minimum_risk(p, costs)
    for row, at in zip(table, chosen, strict=True):
        assert expected(row, actions[at]) == pytest.approx(min(expected(row, a) for a in actions), abs=1e-9)
    by_hand = [paid(row, actions[at]) for row, at in zip(table, chosen, strict=True)]
    assert costs.of_decisions(chosen, labels).tolist() == by_hand


@given(tables)
def test_savings_row_by_row(table):
    p, labels, _, costs = parts(table, ACTIONS)
    total = float(costs.of_decisions(policies.bayes_minimum_risk(p, costs), labels).sum())
    none, every = (sum(paid(row, action) for row in table) for action in ("approve", "decline"))
    wanted = None if min(none, every) == 0 else pytest.approx(1 - total / min(none, every))
    assert costs.savings(total, labels) == wanted


@given(tables)
def test_thresholds_are_the_best_of_all(table):
    p, labels, _, costs = parts(table, ("approve", "decline"))
    found = policies.empirical_threshold(p, labels, costs)
    totals = {t: costs.of_decisions(p >= t, labels).sum() for t in [*p, np.inf]}
    assert totals[np.inf if found is None else found] == min(totals.values())
    best = policies.best_f1_threshold(p, labels)
    if not labels.any():
        assert best is None
        return
    f1 = {t: 2 * labels[p >= t].sum() / ((p >= t).sum() + labels.sum()) for t in p}
    assert f1[best] == max(f1.values())


@given(st.lists(rows, min_size=1, max_size=5), chosen_actions, st.integers(0, 3))
def test_no_other_use_of_the_capacity_is_cheaper_in_expectation(table, actions, k):
    """Every assignment of actions with at most k limited ones a day, one after the other."""
    p, _, days, costs = parts(table, actions)
    limited = actions.index("review" if "review" in actions else "decline")
    chosen = reference.capacity(p, costs, days, k)
    for day in set(days.tolist()):
        today = [row for row in table if row[2] == day]
        choices = [c for c in product(range(len(actions)), repeat=len(today)) if c.count(limited) <= k]
        spent = [sum(expected(row, actions[at]) for row, at in zip(today, c, strict=True)) for c in choices]
        made = sum(expected(row, actions[at]) for row, at in zip(today, chosen[days == day], strict=True))
        assert made == pytest.approx(min(spent), abs=1e-6)
        assert (chosen[days == day] == limited).sum() <= k


@given(tables, chosen_actions)
def test_nothing_is_cheaper_than_the_oracle(table, actions):
    _, labels, _, costs = parts(table, actions)
    ceiling = costs.of_decisions(reference.oracle(labels, costs), labels)
    assert ceiling.tolist() == [min(paid(row, action) for action in actions) for row in table]


def test_only_what_saves_is_taken_whatever_the_threshold():
    costs = CostTable.of({"approve_fraud": np.array([0.5, 1.0, 1.5]), "decline_genuine": np.zeros(3),
                          "decline_fraud": np.ones(3)})  # fmt: skip
    for threshold in (-10.0, 0.0):  # a saving of -.5, 0 and .5
        assert by_saving(np.ones(3), costs, threshold).tolist() == [0, 0, 1]


def test_tied_scores_are_flagged_together_when_a_threshold_is_fitted():
    p, labels = np.array([0.5, 0.9, 0.5, 0.5]), np.array([1, 0, 0, 0])
    costs = CostTable.of({"approve_fraud": np.full(4, 25.0), "decline_genuine": np.full(4, 10.0)})
    # declining from .9 costs 35 and from .5 30, none 25; the fraud alone with .9 would cost 10
    assert policies.empirical_threshold(p, labels, costs) is None
    assert policies.best_f1_threshold(p, labels) == 0.5


def test_of_thresholds_of_one_f1_the_highest_is_taken():
    # from .9 on one of one is a fraud, from .1 on two of four: 2 x 1 / (1 + 2) = 2 x 2 / (4 + 2)
    p, labels = np.array([0.9, 0.5, 0.3, 0.1]), np.array([1, 0, 0, 1])
    assert policies.best_f1_threshold(p, labels) == 0.9


def test_a_threshold_that_saves_less_than_a_cent_is_better_than_none():
    costs = CostTable.of({"approve_fraud": np.array([1.5]), "decline_fraud": np.array([1.0])})
    assert policies.empirical_threshold(np.array([0.7]), np.array([1]), costs) == 0.7


def test_the_fixed_threshold_is_the_one_that_its_title_names():
    assert RULES["fixed"].title == f"Decline from a probability of {FIXED}"


def test_a_threshold_of_saving_takes_as_many_as_it_was_fitted_to_take():
    random = np.random.default_rng(5)
    p, amount = random.random(200), np.round(random.lognormal(5, 1, 200))
    costs = CostTable.of({"approve_fraud": amount, "decline_genuine": amount * 0.5})
    saving = p * amount - (1 - p) * amount * 0.5
    for most in (1, 7, 40):
        threshold = saving_threshold(p, costs, most)
        assert (by_saving(p, costs, threshold) == 1).sum() == most
        assert threshold == np.sort(saving)[::-1][most - 1]
    assert saving_threshold(p, costs, 1000) == 0.0
    assert (by_saving(p, costs, 0.0) == 1).sum() == (saving > 0).sum()


def test_equal_savings_are_taken_together_or_not_at_all():
    costs = CostTable.of({"approve_fraud": np.array([9.0, 5, 5, 1]), "decline_genuine": np.zeros(4)})
    p = np.ones(4)
    taken = [(by_saving(p, costs, saving_threshold(p, costs, most)) == 1).sum() for most in (0, 1, 2, 3, 4)]
    assert taken == [0, 1, 1, 3, 4]
    assert (by_saving(p, costs, None) == 1).sum() == 0
