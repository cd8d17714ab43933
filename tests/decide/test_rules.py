"""The table of rules by hand; that Spark decides by them as arrays do is in `tests/evaluate/spark/test_decided.py`."""

import pytest

from tillthen.decide.actions import ACTIONS
from tillthen.decide.rules import CHOICES, RULES, decision, taken
from tillthen.define.backtests.backtest import POLICIES


def test_every_policy_that_can_be_declared_has_a_rule():
    assert {*POLICIES} == RULES.keys() - {"none", "all", "oracle"}


@pytest.mark.parametrize("rule", RULES.values())
def test_a_rule_names_actions_and_choices_that_there_are(rule):
    assert rule.otherwise in {*ACTIONS, *CHOICES}
    assert bool(rule.action) == bool(rule.taken)
    assert not rule.action or rule.act(("approve", "decline")) == "decline"


def test_a_queue_takes_reviews_where_there_are_reviews():
    actions = ("approve", "review", "decline")
    text = decision("capacity", actions, rank="place", allowed="3")
    assert text.startswith(
        "CASE WHEN coalesce(place <= 3, false) THEN 'review' ELSE CASE WHEN (probability * approve_fraud"
    )
    assert "review_" not in text


def test_a_threshold_of_saving_is_reached_only_where_something_is_saved():
    text = taken("saving_threshold", ("approve", "decline"), threshold="limit")
    saved = "((probability * approve_fraud + (1D - probability) * approve_genuine) - (probability * decline_fraud + " \
            "(1D - probability) * decline_genuine))"  # fmt: skip
    assert text == f"coalesce({saved} >= limit AND {saved} > 0D, false)"
