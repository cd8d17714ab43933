import pytest

from tillthen import Source, count, days, feature_set, hours
from tillthen import sum as total
from tillthen.define.faults.errors import DefinitionError


def names_and_conditions(*features):
    @feature_set(source=Source("payments", event_time="at"), entity="card")
    def cards(payments):
        return payments.select("card", "amount", "channel", "mcc", "online")

    return {feature.name: feature.where for feature in cards.features(*features).declared}


def test_a_feature_for_each_value_and_one_for_everything_else():
    assert names_and_conditions(count(by={"channel": ["ecommerce", "pos"]}).over(days(7))) == {
        "cards__count_by_channel_ecommerce_7d": "channel = 'ecommerce'",
        "cards__count_by_channel_pos_7d": "channel = 'pos'",
        "cards__count_by_channel_other_7d": "coalesce(channel NOT IN ('ecommerce', 'pos'), true)",
    }


def test_every_part_passes_where():
    assert names_and_conditions(total("amount", where="amount > 9", by={"online": [True]}).over(days(7))) == {
        "cards__sum_amount_where_amount_gt_9_by_online_true_7d": "(amount > 9) AND (online = true)",
        "cards__sum_amount_where_amount_gt_9_by_online_other_7d":
            "(amount > 9) AND (coalesce(online NOT IN (true), true))",
    }  # fmt: skip


def test_names_of_ones_own_and_expressions():
    assert names_and_conditions(count(by={"mcc % 100": [12]}, name="paid").over(hours(1))) == {
        "cards__paid_by_mcc_100_12_1h": "(mcc % 100) = 12",
        "cards__paid_by_mcc_100_other_1h": "coalesce((mcc % 100) NOT IN (12), true)",
    }
    named = count(by={"mcc": [12]}).over(hours(1), days(1)).named("n_{by}_{window}")
    assert list(names_and_conditions(named)) == ["n_12_1h", "n_other_1h", "n_12_1d", "n_other_1d"]


@pytest.mark.parametrize(
    ("by", "fault"),
    [
        ({"channel": []}, "by= 'channel' has no values"),
        ({"channel": ["pos", "pos"]}, "by= 'channel' names 'pos' twice"),
        ({"channel": ["a-b", "a b"]}, "'a b' and 'a-b' would both be named 'a_b'"),
        ({"channel": ["pos", "POS"]}, "'POS' and 'pos' would both be named 'POS'"),
        ({"channel": ["Other"]}, "'Other' and everything else would both be named 'Other'"),
        ({"channel": ["?"]}, "no name can be made of '?'"),
        ({"channel": [None]}, "count 'by' of 'channel', item 1: expected text, an integer or True or False, got None"),
        (
            {"channel": 1.5},
            "count 'by' of 'channel': expected a list, each item text, an",
        ),
        ({"channel": ["pos"], "mcc": [1]}, "expected one column and its values"),
        ({"channel": ["pos"], "mcc": [1]}, "Write for example by={'channel': ['ecommerce', 'pos']}"),
        ({"chanel": ["pos"]}, "reads 'chanel', which it does not select. Did you mean 'channel'"),
        ({"rand()": [1]}, "not deterministic"),
    ],
)
def test_faults(by, fault):
    with pytest.raises(DefinitionError) as raised:
        names_and_conditions(count(by=by).over(days(7)))
    assert fault in str(raised.value)


def test_a_name_that_stands_for_all_parts_is_refused():
    with pytest.raises(DefinitionError, match=r"'n' stands for each part of by=. Put \{by\} into it"):
        count(by={"channel": ["pos"]}).over(days(7)).named("n")
