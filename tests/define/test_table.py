import pytest

from tillthen import Costs, FeatureTable, Source, Spine, count, days, feature_set
from tillthen.define.errors import DefinitionError

transactions = Source("transactions", id="id", event_time="at")


@feature_set(source=transactions, entity="card_id")
def cards(transactions):
    return transactions.select("card_id")


cards.features(count().over(days(7)))


def table(**options):
    spine = Spine(transactions, as_of="at", known=["card_id", "amount"])
    return FeatureTable(**{"name": "t", "spine": spine, "feature_sets": [cards], **options})


def test_features_are_row_features_then_derived_then_sets():
    made = table(row_features=["amount"], derived={"night": "hour(at) <= 6"})
    assert made.features == ("amount", "night", "cards__count_7d")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"row_features": ["response_code"]}, "'response_code', which is not declared known at the decision"),
        ({"derived": {"ok": "is_fraud = 0"}}, "reads 'is_fraud', which is not declared known at the decision"),
        ({"derived": {"amount": "amount * 2"}}, "the name 'amount' is used twice"),
        ({"spine": Spine(transactions, as_of="at")}, "the spine lacks 'card_id', the entity of 'cards'"),
    ],
)
def test_faults(options, fault):
    with pytest.raises(DefinitionError, match=fault):
        table(**options)


def test_costs_are_expressions_over_the_table():
    costs = Costs("amount", recovery=0.1, chargeback_fee=2000, margin=0.02, liability_shifted="threeds = 'Y'")
    assert costs.approve_fraud == "CASE WHEN threeds = 'Y' THEN 0 ELSE (amount) * (1 - (0.1)) + (2000) + (0) END"
    assert costs.reads == ("amount", "threeds")


@pytest.mark.parametrize(
    "wrong", [{"margin": -1}, {"recovery": 1.5}, {"churn": float("nan")}, {"handling": "amount >"}]
)
def test_costs_that_make_no_sense_are_refused(wrong):
    with pytest.raises(DefinitionError):
        Costs("amount", **wrong)
