import re

import pytest

from tillthen import (
    Source,
    count,
    days,
    feature_set,
    hours,
    last_n,
    latest,
    leak,
    lifetime,
    mean,
    median,
    minutes,
    quantile,
    ratio,
    time_since_last,
    top_k,
)
from tillthen import any as some
from tillthen import sum as total
from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DefinitionError

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


def test_a_parameter_is_part_of_the_name():
    spend = card_spend().features(
        last_n("amount", 3).over(days(1)),
        top_k("country", 2).over(days(1)),
        quantile("amount", 0.9).over(days(1)),
        quantile("amount", 0.999).over(days(1)),
        median("amount").over(days(1)),
        time_since_last().over(lifetime),
        some("night").over(days(1)),
    )
    assert [name.removeprefix("card_spend__") for name in spend.feature_names] == [
        "last_3_amount_1d",
        "top_2_country_1d",
        "quantile_90_amount_1d",
        "quantile_99_9_amount_1d",
        "median_amount_1d",
        "time_since_last_lifetime",
        "any_night_1d",
    ]


def test_derived_columns_come_after_the_aggregations_in_declared_order():
    spend = card_spend().features(total("amount").over(days(1), days(7)))
    spend.derive(share=ratio("card_spend__sum_amount_1d", "card_spend__sum_amount_7d"), high="share > limit")
    assert spend.feature_names == ("card_spend__sum_amount_1d", "card_spend__sum_amount_7d", "share", "high")
    assert spend.spine_reads == {"limit": "high"}


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"x": "card_spend__cuont_7d + 1"}, "'x' reads 'card_spend__cuont_7d', which it does not declare before. "
                                            "Did you mean 'card_spend__count_7d'"),
        ({"card_spend__count_7d": "1"}, "declares 'card_spend__count_7d' twice"),
        ({"x": "rand()"}, "not deterministic"),
        ({"x": "card_spend__count_7d +"}, "is not a row expression"),
    ],
)  # fmt: skip
def test_faults_of_derived_columns(columns, fault):
    with pytest.raises(DefinitionError, match=fault):
        card_spend().features(count().over(days(7))).derive(**columns)


def test_it_reads_the_columns_of_its_row_logic_and_its_clock():
    assert card_spend().reads == ("id", "at", "card_id", "amount", "country")


@pytest.mark.parametrize(
    ("features", "fault"),
    [
        (lambda: [count().over(days(7)), count().over(days(7))], "declares 'card_spend__count_7d' twice"),
        (lambda: [mean("amuont").over(days(7))], "reads 'amuont', which it does not select. Did you mean 'amount'?"),
        (
            lambda: [count(where="shop.town = 'L'").over(days(1))],
            "reads 'shop', which it does not select. Select the field: select(town='shop.town'), and read that.",
        ),
        (lambda: [count().over(days(0))], "expected a positive duration"),
        (lambda: [count().over(days(1), offset=Duration(-1))], "expected a duration that is not negative"),
        (lambda: [count().over()], "has no window"),
        (lambda: [count().over(7)], "expected a duration, latest"),
        (lambda: [count().over(latest(0))], "expected an integer of at least 1"),
        (lambda: [count().over(days(1), days(2)).named("n")], "stands for 2 windows"),
        (lambda: [count(where="rand() < 1").over(days(1))], "not deterministic"),
        (lambda: [last_n("amount", 0).over(days(1))], "last_n 'n': expected an integer of at least 1, got 0"),
        (lambda: [last_n("amount", 10_001).over(days(1))], "last_n 'n': expected at most 10,000, got 10001"),
        (lambda: [top_k("amount", True).over(days(1))], "top_k 'k': expected an integer of at least 1, got True"),
        (lambda: [quantile("amount", 90).over(days(1))], "expected a number from 0 to 1 with at most nine decimals"),
        (lambda: [quantile("amount", 1 / 3).over(days(1))], "at most nine decimals, got 0.3333333333333333"),
        (lambda: [last_n("amount", 2).over(days(1)).fill(0)], "last_n gives a list, which .fill(0) cannot stand in"),
    ],
)
def test_faults_of_features(features, fault):
    with pytest.raises(DefinitionError, match=re.escape(fault)):
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
    from tillthen.define.features.aggregation import Aggregation

    with pytest.raises(DefinitionError, match=r"Unknown aggregation 'meen'. Did you mean 'mean'"):
        Aggregation("meen", "amount")


def test_a_leak_is_named_as_one_and_takes_no_offset():
    window = card_spend().features(count().over(leak(days(7)))).declared[0].window
    assert (window.name, window.interval) == ("LEAK_7d", "[as_of, as_of + 7d) LEAK")
    with pytest.raises(DefinitionError, match="A leak begins at as_of: expected no offset, got 1d."):
        card_spend().features(count().over(leak(days(7)), offset=days(1)))


@pytest.mark.parametrize("make", [last_n, top_k])
def test_lists_have_at_most_ten_thousand_values(make):
    assert make("country", 10_000).over(days(1))
    with pytest.raises(DefinitionError, match="at most 10,000"):
        make("country", 10_001)
