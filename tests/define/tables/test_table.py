from dataclasses import replace

import pytest

from tillthen import FeatureTable, Source, Spine, count, days, feature_set
from tillthen.define.faults.errors import DefinitionError
from tillthen.define.tables.meaning import definitions_hash

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


def test_derived_columns_may_read_features_and_what_is_derived_before():
    made = table(derived={"share": "amount / cards__count_7d", "high": "share > 10"})
    assert made.features == ("share", "high", "cards__count_7d")


def derived_set(text):
    @feature_set(source=transactions, entity="card_id")
    def habits(transactions):
        return transactions.select("card_id")

    return habits.features(count().over(days(1))).derive(x=text)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"row_features": ["response_code"]}, "'response_code', which is not declared known at the decision"),
        ({"derived": {"ok": "is_fraud = 0"}}, "reads 'is_fraud', which is not declared known at the decision"),
        ({"derived": {"ok": "late + 1", "late": "amount"}}, "'ok' reads 'late', which is not declared known"),
        ({"feature_sets": [derived_set("habits__count_1d / is_fraud")]}, "'x' reads 'is_fraud', which is not declared"),
        ({"feature_sets": [derived_set("amount")], "derived": {"x": "amount"}}, "the name 'x' is used twice"),
        ({"derived": {"amount": "amount * 2"}}, "the name 'amount' is used twice"),
        ({"derived": {"per day": "amount"}}, "columns 'per day': expected names without blanks"),
        (
            {"spine": Spine(transactions, as_of="at", known=["card_id", "a=b"])},
            "columns 'a=b': expected .*{\"a=b\": a_b}",
        ),
        ({"spine": Spine(transactions, as_of="at")}, "the spine lacks 'card_id', the entity of 'cards'"),
    ],
)
def test_faults(options, fault):
    with pytest.raises(DefinitionError, match=fault):
        table(**options)


def test_what_a_table_means_is_one_hash_that_changes_with_what_gives_its_values():
    known = {definitions_hash(table(**options)) for options in ({}, {"row_features": ["amount"]},
             {"derived": {"x": "cards__count_7d + 1"}}, {"derived": {"x": "cards__count_7d + 2"}})}  # fmt: skip
    assert len(known) == 4
    told_otherwise = replace(cards, description="Cards.", owner="risk")
    assert definitions_hash(table()) == definitions_hash(table(feature_sets=[told_otherwise]))
