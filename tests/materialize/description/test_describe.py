from __future__ import annotations

from tillthen import days, latest, mean, quantile
from tillthen.define.features.in_words import clock_words
from tillthen.materialize.description.describe import comments
from tillthen.runtime.config import load_config


def test_every_column_says_what_it_is(team):
    table = load_config(team.conf).project().table("cards")
    assert comments(table) == {
        "payment": "Row id: of each event of 'payments' once.",
        "at": "as_of: the instant of the decision.",
        "card": "Known at the decision, at.",
        "amount": "Known at the decision, at.",
        "large": "amount > 100, of what is known at the decision.",
        "spending__count_7d": "count, event_time in [as_of - 7d, as_of), of payments by card, known where at "
        "(no known time is declared) <= as_of. How much a card spends.",
        "spending__sum_amount_7d": "sum of amount, event_time in [as_of - 7d, as_of), of payments by card, known "
        "where at (no known time is declared) <= as_of. How much a card spends.",
    }


def test_derived_columns_and_parameters_are_said(team):
    text = team.declarations.read_text()
    text = text.replace("spending.features(", "spending.derive(twice='2 * amount').features(")
    team.declarations.write_text(text)
    said = comments(load_config(team.conf).project().table("cards"))
    assert said["twice"] == "2 * amount, of what is known at the decision. How much a card spends."
    (feature,) = quantile("amount", 0.9).over(days(7)).finish("set", "left")
    assert clock_words(feature) == "quantile(0.9) of amount, event_time in [as_of - 7d, as_of)"


def test_offset_condition_latest_and_fill_are_said():
    features = mean("amount", where="ok").over(days(7), latest(5, 1), offset=days(1), closed="right").fill(0.0)
    moved, newest = features.finish("set", "left")
    assert clock_words(moved) == "mean of amount where ok, event_time in (as_of - 1d - 7d, as_of - 1d], 0.0 where empty"
    assert clock_words(newest) == (
        "mean of amount where ok of the 5 latest but 1, event_time in (-inf, as_of - 1d], 0.0 where empty"
    )
