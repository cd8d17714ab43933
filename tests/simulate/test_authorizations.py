from __future__ import annotations

import pytest

from tillthen.simulate.answers import SOFT


def test_a_request_is_known_after_it_was_made_and_its_answer_after_that(written):
    made = written["authorizations"]
    assert (made.authorized_at < made.ingested_at).all()
    assert (made.ingested_at < made.answered_at).all()


def test_payments_happen_while_the_world_lasts(written):
    firsts = written["authorizations"].query("attempt == 1").authorized_at
    assert str(firsts.min()) >= "2025-01-01"
    assert str(firsts.max()) < "2025-03-02"


def test_ids_are_unique_once_duplicates_collapse(written):
    delivered, once = written.delivered["authorizations"], written["authorizations"]
    assert once.authorization_id.is_unique
    # 1% of 14,000 rows: within 5 deviations of 12.
    assert len(delivered) - len(once) == pytest.approx(0.01 * len(once), abs=60)


def test_some_arrive_hours_late(written):
    lag = (written["authorizations"].ingested_at - written["authorizations"].authorized_at).dt.total_seconds()
    assert lag.median() < 2
    assert (lag > 600).mean() == pytest.approx(0.01, abs=0.005)


def test_amounts_and_frequencies_are_in_range(written):
    made = written["authorizations"]
    assert made.amount_minor.between(50, 2_000_000).all()
    assert 1_500 < made.amount_minor.median() < 4_000
    assert 0.55 < len(made) / 300 / 60 < 1.1
    assert 0.85 < (made.response_code == "00").mean() < 0.97
    assert (made.card_country != made.merchant_country).mean() < 0.15


def test_a_second_attempt_follows_a_soft_decline_of_the_same_payment(written):
    both = written.attempts.pivot_table(index="payment_id", columns="attempt", aggfunc="first").dropna()
    assert len(both) > 10
    assert both.response_code[1].isin(SOFT).all()
    assert (both.authorized_at[2] - both.authorized_at[1]).dt.total_seconds().min() >= 120
    for same in ("card_id", "merchant_id", "amount_minor", "is_fraud", "p_true"):
        assert (both[same][1] == both[same][2]).all()


def test_a_card_has_one_issuer_of_its_country(written):
    assert (written["authorizations"].groupby("card_id")[["issuer_id", "card_country"]].nunique() == 1).all(axis=None)
    assert (written["authorizations"].groupby("issuer_id").card_country.nunique() == 1).all()


def test_a_merchant_is_what_the_table_of_merchants_says(written):
    joined = written["authorizations"].merge(written["merchants"], on="merchant_id", suffixes=("", "_of"))
    assert len(joined) == len(written["authorizations"])
    assert (joined.mcc == joined.mcc_of).all()
    assert (joined.merchant_country == joined.country).all()


def test_only_online_payments_are_authenticated(written):
    made = written["authorizations"]
    assert set(made.query("channel == 'ecommerce'").three_ds.dropna()) == {"Y", "N", "U"}
    assert made.query("channel == 'present'").three_ds.isna().all()
