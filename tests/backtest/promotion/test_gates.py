"""Gates on hand-made facts: what holds, what does not, and why."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tillthen import Gate
from tillthen.backtest.promotion.gates import judged
from tillthen.define.backtests.gate import MEASURES


def row(metric, champion, challenger, lower=None, upper=None, positives=60):
    return {"metric": metric, "champion": champion, "challenger": challenger, "difference": challenger - champion,
            "lower": lower, "upper": upper, "positives": positives}  # fmt: skip


def model(name, **metrics):
    bands = [{"expected_amount": 300.0, "actual_amount": 200.0}, {"expected_amount": 100.0, "actual_amount": None}]
    ranked = {"roc_auc": 0.9, "card_precision": 0.3, "brier": 0.01, "average_precision": 0.4} | metrics
    return {
        "name": name,
        "metrics": {key: {"value": value} for key, value in ranked.items()}
        | {"savings": {"value": 9.0, "lower": 0.2, "upper": 0.4}},
        "calibration": {"before": {"sum_ratio": 3.0}, "after": {"sum_ratio": 0.8, "amount_bands": bands}},
    }


FACTS = {
    "backtest": {"champion": "old", "challenger": "new", "currency": "EUR", "minor_digits": 2},
    "verdict": {
        "rows": [
            row("net_cost", 500_000.0, 400_000.0, -250_000.0, 10_000.0)
            | {"champion_lower": 470_000.0, "champion_upper": 530_000.0},
            row("savings", 0.2, 0.3, 0.02, 0.18),
            row("value_detection_rate", 0.5, 0.6),
            row("approval_rate", 0.99, 0.98) | {"challenger_lower": 0.975, "challenger_upper": 0.985},
            row("insult_rate", 0.01, 0.02),
            row("false_positives_per_true", 4.0, 5.0, positives=40),
        ],
        "ranked": [
            row("card_precision", 0.3, 0.4, 0.05, 0.15) | {"challenger_lower": 0.29, "challenger_upper": 0.5},
            row("roc_auc", 0.9, 0.9, -0.01, 0.02),
        ],
    },
    "models": [model("old"), model("new", average_precision=0.5)],
    "protocol": {"canaries": [{"fired": True}, {"fired": False}]},
}

TABLE = [
    (Gate("net_cost", of="difference", at_most=0), True, -100_000.0),
    (Gate("net_cost", of="difference", at_most=0, surely=True), False, 10_000.0),
    (Gate("net_cost", of="difference", at_most=10_000, surely=True), True, 10_000.0),
    (Gate("net_cost", of="champion", at_most=499_999), False, 500_000.0),
    (Gate("savings", at_least=0.25), True, 0.3),
    (Gate("savings", at_least=0.25, surely=True), False, 0.2),
    (Gate("savings", of="difference", at_least=0.02, surely=True), True, 0.02),
    (Gate("savings", at_least=0.1, at_most=0.2), False, 0.3),
    (Gate("approval_rate", of="difference", at_least=-0.005), False, -0.01),
    (Gate("approval_rate", of="difference", at_least=-0.005, surely=True), False, None),
    (Gate("approval_rate", at_least=0.97, surely=True), True, 0.975),
    (Gate("net_cost", of="champion", at_most=520_000, surely=True), False, 530_000.0),
    (Gate("card_precision", of="difference", at_least=0.05, surely=True), True, 0.05),
    (Gate("card_precision", at_least=0.3, surely=True), False, 0.29),
    (Gate("roc_auc", of="difference", at_least=0, surely=True), False, -0.01),
    (Gate("average_precision", at_least=0.5), True, 0.5),
    (Gate("average_precision", of="difference", at_least=0.2), False, 0.1),
    (Gate("average_precision", of="difference", at_least=0, surely=True), False, None),
    (Gate("calibration_ratio", at_most=1.25), True, 1.25),
    (Gate("amount_ratio", at_most=1.5), False, 2.0),
    (Gate("canaries"), False, 0.5),
    (Gate("positives", at_least=41), False, 40.0),
]


@pytest.mark.parametrize(("gate", "holds", "measured"), TABLE, ids=[repr(gate) for gate, *_ in TABLE])
def test_a_gate_holds_where_the_facts_say_so(gate, holds, measured):
    (found,) = judged([gate], FACTS)
    assert (found["holds"], found["measured"]) == (holds, pytest.approx(measured))


@pytest.mark.parametrize("metric", sorted(MEASURES))
def test_every_figure_that_can_be_declared_is_measured_and_nothing_meets_no_gate(metric):
    of = "difference" if metric not in ("calibration_ratio", "amount_ratio") else "challenger"
    least, most = MEASURES[metric].span(of)
    wide = Gate(metric, of=of, at_least=max(least, -1e12), at_most=min(most, 1e12))
    assert judged([wide], FACTS)[0]["holds"]
    empty = {"backtest": FACTS["backtest"], "verdict": {}, "models": [], "protocol": {}}
    (found,) = judged([wide], empty)
    assert (found["holds"], found["measured"]) == (False, None)
    assert found["words"].endswith("not measured.")


def test_it_says_it_in_words_and_in_money():
    (found,) = judged([Gate("net_cost", of="difference", at_most=-5_000, surely=True)], FACTS)
    assert found["words"] == (
        "Net cost, challenger less champion, surely: expected at most −EUR 50.00, "
        "got −EUR 1,000, 95% interval −EUR 2,500 to EUR 100.00."
    )
    assert (found["expected"], found["unit"]) == ("at most −EUR 50.00", "money")
    (other,) = judged([Gate("approval_rate", of="difference", at_least=-0.005, surely=True)], FACTS)
    assert other["words"].endswith("expected at least −0.50%, got −1.00% without an interval.")


@pytest.mark.parametrize(
    ("unit", "bound", "holds"), [("minor", 400_000, True), ("major", 4_000, True), ("major", Decimal("3999.99"), False)]
)
def test_a_bound_of_money_is_in_the_unit_of_the_costs(unit, bound, holds):
    facts = FACTS | {"backtest": FACTS["backtest"] | {"unit": unit}}
    (found,) = judged([Gate("net_cost", at_most=bound)], facts)
    assert (found["holds"], found["measured"]) == (holds, 400_000.0)


def test_money_is_written_with_the_digits_of_its_currency():
    for currency, digits, words in (("JPY", 0, "JPY 400,000"), ("KWD", 3, "KWD 400.000"), ("EUR", 2, "EUR 4,000")):
        facts = FACTS | {"backtest": FACTS["backtest"] | {"currency": currency, "minor_digits": digits}}
        assert judged([Gate("net_cost", at_most=400_000)], facts)[0]["expected"] == f"at most {words}"
