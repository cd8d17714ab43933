"""Policies and costs by hand, and on random tables against a loop over every row and threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillthen.decide import policies
from tillthen.decide.costs import CostTable, savings

cents = st.integers(0, 500)
tables = st.lists(
    st.tuples(st.integers(0, 10), st.booleans(), cents, cents, cents, st.integers(0, 3)), min_size=1, max_size=40
)


def parts(table):
    p, labels, fraud, genuine, contact, day = (np.array(column) for column in zip(*table, strict=True))
    costs = CostTable(fraud.astype(float), genuine.astype(float), contact.astype(float))
    return p / 10, labels.astype(np.int64), costs, day


def cost_of(declined, label, fraud, genuine, contact):
    if declined:
        return contact if label else genuine
    return fraud if label else 0


def test_bayes_minimum_risk_declines_from_each_rows_own_threshold():
    # a payment of 1000 with a handling cost of 50: decline where p x 1000 > 50
    costs = CostTable(np.full(4, 1000.0), np.full(4, 50.0), np.full(4, 50.0))
    declined = policies.bayes_minimum_risk(np.array([0.04, 0.05, 0.051, 0.9]), costs)
    assert declined.tolist() == [False, False, True, True]


def test_savings_of_a_small_table():
    labels, costs = np.array([1, 0, 0]), CostTable(np.full(3, 100.0), np.full(3, 10.0), np.full(3, 1.0))
    perfect = costs.of(np.array([True, False, False]), labels).sum()
    assert perfect == 1
    assert savings(perfect, costs, labels) == pytest.approx(1 - 1 / 21)  # declining all costs 1 + 10 + 10
    assert savings(5, CostTable(*np.zeros((3, 3))), labels) is None


@given(tables)
def test_costs_and_savings_row_by_row(table):
    p, labels, costs, _ = parts(table)
    declined = policies.bayes_minimum_risk(p, costs)
    by_hand = [cost_of(d, label, *row) for d, (_, label, *row, _) in zip(declined, table, strict=True)]
    assert costs.of(declined, labels).tolist() == by_hand
    none = sum(cost_of(False, label, *row) for _, label, *row, _ in table)
    every = sum(cost_of(True, label, *row) for _, label, *row, _ in table)
    expected = None if min(none, every) == 0 else pytest.approx(1 - sum(by_hand) / min(none, every))
    assert savings(float(sum(by_hand)), costs, labels) == expected


@given(tables)
def test_bayes_minimum_risk_is_the_cheaper_action_in_expectation(table):
    p, _, costs, _ = parts(table)
    for declined, q, (_, _, fraud, genuine, contact, _) in zip(
        policies.bayes_minimum_risk(p, costs), p, table, strict=True
    ):
        saved = q * fraud - (q * contact + (1 - q) * genuine)
        assert declined == (saved > 0) or saved == pytest.approx(0, abs=1e-9)


@given(tables)
def test_thresholds_are_the_best_of_all(table):
    p, labels, costs, _ = parts(table)
    found = policies.empirical_threshold(p, labels, costs)
    totals = {t: costs.of(p >= t, labels).sum() for t in [*p, np.inf]}
    assert totals[np.inf if found is None else found] == min(totals.values())
    best = policies.best_f1_threshold(p, labels)
    if not labels.any():
        assert best is None
        return
    f1 = {t: 2 * labels[p >= t].sum() / ((p >= t).sum() + labels.sum()) for t in p}
    assert f1[best] == max(f1.values())


@given(tables, st.integers(1, 5))
def test_capacity_takes_each_days_greatest_expected_savings(table, k):
    p, _, costs, days = parts(table)
    declined = policies.capacity(p, costs, days, k)
    saving = costs.expected_saving(p)
    for day in set(days):
        today = days == day
        ranked = sorted((s for s in saving[today] if s > 0), reverse=True)[:k]
        assert sorted(saving[today & declined], reverse=True) == ranked


@given(tables)
def test_nothing_is_cheaper_than_the_oracle(table):
    p, labels, costs, _ = parts(table)
    ceiling = costs.of(policies.oracle(labels, costs), labels).sum()
    for declined in (policies.bayes_minimum_risk(p, costs), p >= 0.5, p >= 0, p > 1):
        assert ceiling <= costs.of(declined, labels).sum()
