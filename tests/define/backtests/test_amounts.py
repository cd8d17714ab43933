"""What costs take a table's amounts for, and what their source says of them."""

from datetime import UTC, datetime

import pytest

from tillthen import (
    Backtest,
    Costs,
    FeatureTable,
    Folds,
    Label,
    Model,
    Money,
    Rates,
    Snapshots,
    Source,
    Spine,
    Unobserved,
    days,
    feature_set,
    last,
    lifetime,
)
from tillthen.define.faults.errors import DefinitionError

FX = Rates(Source("fx", event_time="from_time"), base="EUR", max_age=days(3))
FRAUD = Label("fraud", Source("disputes", event_time="t", known_time="k"), "payment", days(5))
FOLDS = Folds(datetime(2024, 1, 31, tzinfo=UTC), train=days(20), test=days(5))


def payments(money):
    return Source("payments", id="payment", event_time="at", known_time="settled_at", money={"amount": money})


def decided(money, amount="amount", **costs):
    source = payments(money)
    sets = []
    if money.by:

        @feature_set(source=FX.convert(source), entity="payment", closed="right")
        def euros(rows):
            return rows.select("payment", "amount")

        sets = [euros.features(last("amount").over(lifetime).named("euros_paid"))]
    table = FeatureTable("cards", Spine(source, as_of="at", known=["amount"]), sets, row_features=["amount"])
    costs = Costs(amount, **{"unit": "minor", "currency": "EUR", "margin": 0.02, **costs})
    return Backtest("b", table, FRAUD, FOLDS, [Model("trees", features=["amount"])], costs)


@pytest.mark.parametrize(
    ("money", "amount", "costs", "fault"),
    [
        # The table holds cents, whatever the source holds: taken for euros they are a hundred times too many.
        (Money("EUR", unit="major"), "amount", {"unit": "major"}, "minor units: expected unit=\"minor\", got"),
        (Money("EUR", unit="minor"), "`amount`", {"unit": "major"}, "holds in minor units"),
        (Money("USD", unit="major"), "amount", {}, "amounts in USD: expected EUR, got USD"),
        (Money("USD", unit="major"), "amount + 1", {}, "expected EUR, got USD"),
        (Money(by="currency", unit="minor"), "amount", {}, "amounts in several currencies"),
        (Money(by="currency", unit="minor"), "euros_paid", {"unit": "major"}, "holds in minor units"),
        (Money(by="currency", unit="minor"), "euros_paid", {"currency": "USD"}, "amounts in EUR"),
    ],
)  # fmt: skip
def test_costs_that_take_amounts_for_others_are_refused(money, amount, costs, fault):
    with pytest.raises(DefinitionError, match=f"Backtest 'b': costs 'amount' reads .*{fault}"):
        decided(money, amount, **costs)


@pytest.mark.parametrize(
    ("money", "amount", "costs"),
    [
        (Money("EUR", unit="major"), "amount", {}),
        (Money("EUR", unit="major"), "amount / 100", {"unit": "major"}),
        (Money(by="currency", unit="major"), "euros_paid", {}),
    ],
)
def test_others_are_not(money, amount, costs):
    assert decided(money, amount, **costs).costs.amount == amount


MADE = FX.convert(payments(Money(by="currency", unit="minor")))
"""Amounts by the rate that was known when a payment was, which may be long after it was decided on."""


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Spine(MADE, as_of="at", known=["amount"]),
        lambda: Spine(FRAUD.as_events(payments(Money("EUR", unit="minor"))), as_of="at"),
        lambda: Snapshots(MADE, "card", active=days(3)),
        lambda: Label("fraud", MADE, "payment", days(5)),
        lambda: Unobserved(MADE, "true"),
        lambda: FRAUD.as_events(MADE),
        lambda: Rates(MADE, base="EUR", max_age=days(3)),
    ],
)
def test_what_is_made_of_others_is_for_feature_sets(declare):
    with pytest.raises(DefinitionError, match=r"'\w+' is made of others: expected a source with a table of its own"):
        declare()
