from __future__ import annotations

import pytest


def test_every_dispute_is_of_an_approved_authorization_and_carries_its_facts(written):
    disputed = written.disputed
    assert len(disputed) == len(written["disputes"]) > 200
    assert (disputed.response_code == "00").all()
    for same in ("card_id", "merchant_id", "amount_minor"):
        assert (disputed[same] == disputed[f"{same}_disputed"]).all()


def test_a_dispute_follows_the_payment_arrives_later_and_is_reversed_later_still(written):
    disputed = written.disputed
    assert (disputed.authorized_at < disputed.disputed_at).all()
    assert (disputed.disputed_at < disputed.arrived_at).all()
    won = disputed.dropna(subset="reversed_at")
    assert (won.arrived_at < won.reversed_at).all()
    assert 0.02 < len(won) / len(disputed) < 0.2


def test_most_arrive_in_weeks_and_by_maturity(written):
    lag = (written.disputed.arrived_at - written.disputed.authorized_at).dt.total_seconds() / 86_400
    assert 9 < lag.median() < 15
    assert (lag <= 45).mean() > 0.95
    assert lag.max() > 45


def test_a_fraud_reason_means_a_fraud_and_no_other_does(written):
    disputed = written.disputed
    assert (disputed.reason_code.str.startswith("10.") == disputed.is_fraud).all()
    assert set(disputed[disputed.is_fraud].reason_code) == {"10.3", "10.4"}


def test_standing_fraud_disputes_are_as_many_as_their_probabilities_say(written):
    p = written["truth"].p_dispute
    standing = (written.disputed.is_fraud & written.disputed.reversed_at.isna()).sum()
    # Attempts of one payment share an outcome, but at most one is approved. 5 deviations: one seed in two million.
    assert standing == pytest.approx(p.sum(), abs=5 * (p * (1 - p)).sum() ** 0.5)
    assert (p <= written["truth"].p_true).all()
