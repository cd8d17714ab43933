"""What is said of rows and amounts that a run left out."""

from __future__ import annotations

import pytest

from tillthen import FeatureTable, Money, Rates, Snapshots, Source, Spine, days, feature_set, sum
from tillthen.materialize.runs.left import left_out

asks = Source("asks", id="ask", event_time="at", landed_time="landed")
payments = Source("payments", id="payment", event_time="at", money={"amount": Money(by="currency", unit="major")})
in_eur = Rates(Source("fx", event_time="at"), base="EUR", max_age=days(3)).convert(payments)


@feature_set(source=in_eur, entity="card")
def spending(payments):
    """What a card spends."""
    return payments.select("card", "amount")


spending.features(sum("amount").over(days(7)))
decisions = FeatureTable("cards", Spine(asks, as_of="at", known=["card"]), [spending])
daily = FeatureTable("cards", Snapshots(asks, entity="card", active=days(7)), [spending])

LATE = ("Source 'asks': 1,200 rows landed after their day could have been built, and are left out of 'cards'. "
        "'tillthen restate cards' lets them in.")  # fmt: skip
NO_RATE = ("Source 'payments_in_EUR': 7 amounts are null, for want of a rate of 'fx' into EUR that was known and no "
           "older than 3d.")  # fmt: skip
OPEN = "Source 'asks': 2 rows are of days that are not over, and are left to these."


@pytest.mark.parametrize(
    ("table", "spine", "converted", "said"),
    [
        (decisions, {}, {}, []),
        (decisions, {"back_dated": 0, "not_over": 0}, {"no_rate": 0}, []),
        (decisions, {"back_dated": 1200}, {}, [LATE]),
        (decisions, {"not_over": 2, "back_dated": 1200}, {"no_rate": 7}, [OPEN, LATE, NO_RATE]),
        (decisions, {}, {"back_dated": 5}, []),  # events count from when they landed
        (daily, {"back_dated": 1200}, {"no_rate": 7}, [NO_RATE]),  # a late event makes its key active later
    ],
)
def test_each_reason_is_a_line(table, spine, converted, said):
    assert list(left_out(table, {"spine": spine, "payments_in_EUR": converted})) == said
