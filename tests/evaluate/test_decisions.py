"""What decisions did, on four payments that can be counted by hand."""

import numpy as np
import pytest

from tillthen.decide.costs import CostTable
from tillthen.evaluate.decisions import Outcomes, capacity_table, consequences, threshold_table

#                     score  fraud  amount
PAYMENTS = np.array([[0.9, 1, 100], [0.8, 0, 50], [0.2, 1, 300], [0.1, 0, 550]])
AMOUNT = PAYMENTS[:, 2]
OUTCOMES = Outcomes(
    PAYMENTS[:, 0],
    PAYMENTS[:, 1].astype(np.int64),
    AMOUNT,
    np.array([0, 0, 1, 1]),
    np.arange(4),
    CostTable(AMOUNT + 20, 0.1 * AMOUNT, np.full(4, 1.0)),
)


def test_consequences_of_declining_the_two_highest_scores():
    declined = np.array([True, True, False, False])
    assert consequences(OUTCOMES, declined) == {
        "declined": 2,
        "alerts": 2,
        "alert_rate": 0.5,
        "alerts_per_day": 1.0,
        "precision": 0.5,
        "recall": 0.5,
        "value_detection_rate": 0.25,
        "false_positives_per_true": 1.0,
        "insult_rate": 0.5,
        "approval_rate": 0.5,
        "approval_rate_value": 0.85,
        "fraud_bps": pytest.approx(1e4 * 300 / 850),
        "cost": 1 + 5 + 320,
        # declining none costs 120 + 320, declining all 1 + 5 + 1 + 55
        "savings": pytest.approx(1 - 326 / 62),
    }


def test_shares_of_nothing_are_not_measured():
    row = consequences(OUTCOMES, np.zeros(4, dtype=bool))
    assert (row["precision"], row["false_positives_per_true"], row["recall"]) == (None, None, 0.0)


def test_thresholds_rise_and_alerts_fall():
    table = threshold_table(OUTCOMES)
    assert [row["alerts"] for row in table] == sorted((row["alerts"] for row in table), reverse=True)
    assert {row["threshold"] for row in table} <= set(PAYMENTS[:, 0])
    assert threshold_table(OUTCOMES.take(np.zeros(4, dtype=bool))) == []


def test_capacity_is_used_as_far_as_declining_saves():
    assert [row["k"] for row in capacity_table(OUTCOMES, 1)] == [1, 2, 4, 8]
    assert [row["declined"] for row in capacity_table(OUTCOMES, 1)] == [2, 4, 4, 4]
