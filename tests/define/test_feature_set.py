import pytest

from tillthen import Source, count, days, feature_set, hours, latest, lifetime, mean, minutes
from tillthen import sum as total
from tillthen.define.duration import Duration
from tillthen.define.errors import DefinitionError

transactions = Source("transactions", id="id", event_time="at")


def card_spend(**options):
    @feature_set(**{"source": transactions, "entity": "card_id", **options})
    def card_spend(transactions):
        """Spending habits of a card."""
        return transactions.where("amount > 0").select("card_id", "amount", "country", night="hour(at) <= 6")

    return card_spend


def test_names_are_generated_from_set_aggregation_and_window():
    spend = card_spend().features(
        count().over(hours(1), days(7)),
        mean("amount").over(days(30), offset=days(7)),
        count(where="country <> 'GB'").over(latest(5), lifetime),
        total("amount", name="spent").over(minutes(5)),
    )
    assert spend.feature_names == (
        "card_spend__count_1h",
        "card_spend__count_7d",
        "card_spend__mean_amount_30d_offset_7d",
        "card_spend__count_where_country_ne_GB_latest5",
        "card_spend__count_where_country_ne_GB_lifetime",
        "card_spend__spent_5m",
    )
    assert spend.description == "Spending habits of a card."


def test_it_reads_the_columns_of_its_row_logic_and_its_clock():
    assert card_spend().reads == ("id", "at", "card_id", "amount", "country")


@pytest.mark.parametrize(
    ("features", "fault"),
    [
        (lambda: [count().over(days(7)), count().over(days(7))], "declares 'card_spend__count_7d' twice"),
        (lambda: [mean("amuont").over(days(7))], "reads 'amuont', which it does not select. Did you mean 'amount'?"),
        (lambda: [count().over(days(0))], "expected a positive duration"),
        (lambda: [count().over(days(1), offset=Duration(-1))], "expected a duration that is not negative"),
        (lambda: [count().over()], "has no window"),
        (lambda: [count().over(7)], "expected a duration, latest"),
        (lambda: [count().over(latest(0))], "expected an integer of at least 1"),
        (lambda: [count().over(days(1), days(2)).named("n")], "stands for 2 windows"),
        (lambda: [count(where="rand() < 1").over(days(1))], "not deterministic"),
    ],
)
def test_faults_of_features(features, fault):
    with pytest.raises(DefinitionError, match=fault.replace("?", r"\?").replace("(", r"\(")):
        card_spend().features(*features())


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"entity": "crad_id"}, "does not select its entity 'crad_id'. Did you mean 'card_id'"),
        ({"entity": ()}, "has no entity"),
        ({"closed": "both"}, "expected 'left' or 'right'"),
        ({"within_tie": "id"}, "has within_tie but excludes ties"),
        ({"exclude_self": True, "source": Source("t", event_time="at")}, "has no id"),
    ],
)
def test_faults_of_feature_sets(options, fault):
    with pytest.raises(DefinitionError, match=fault):
        card_spend(**options)


def test_an_unknown_aggregation_names_the_known_one():
    from tillthen.define.aggregation import Aggregation

    with pytest.raises(DefinitionError, match=r"Unknown aggregation 'meen'. Did you mean 'mean'"):
        Aggregation("meen", "amount")
