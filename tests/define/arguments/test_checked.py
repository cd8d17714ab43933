"""Every public declaration, every one of its arguments: what does not fit is one line that names it, never a crash."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tillthen
from tillthen import (
    Backtest,
    Costs,
    FeatureTable,
    Folds,
    Label,
    Model,
    Published,
    Snapshots,
    Source,
    Spine,
    count,
    days,
    expect,
    feature_set,
    hours,
    lifetime,
    minutes,
    ratio,
)
from tillthen.define.arguments.duration import Duration
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.backtests.backtest import FIGURES
from tillthen.define.faults import errors
from tillthen.define.faults.collecting import collecting
from tillthen.define.faults.errors import DefinitionError
from tillthen.define.features.aggregation import Aggregation
from tillthen.evaluate.results import metrics

payments = Source("payments", id="payment", event_time="at")


def cards(payments):
    return payments.select("card", "amount")


spare, cards = (feature_set(source=payments, entity="card")(cards) for _ in range(2))
cards.features(count().over(days(7)))
spine = Spine(payments, as_of="at", known=["card", "amount"])
table = FeatureTable("features", spine, [cards])
label = Label("fraud", payments, "payment", days(30))
folds = Folds("2024-01-01", train=days(7), test=days(7))
declared: dict[str, Any] = {
    "name": "b", "table": table, "label": label, "folds": folds, "models": [Model("m", "logistic_regression")],
    "costs": Costs("amount", unit="minor", currency="EUR", margin=0.1),
}  # fmt: skip

ENGINE = {"expect", "lifetime", "point_in_time", "session"}
"""Public names that declare nothing, or are checked where Spark is."""
DECLARATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(tillthen, name) for name in tillthen.__all__ if name not in ENGINE and name not in vars(errors)},
    **{f"expect.{name}": made for name, made in vars(expect).items()
       if inspect.isfunction(made) and made.__module__ == expect.__name__ and name not in ("literal", "_rule")},
    **{f"FeatureSet.{name}": getattr(spare, name) for name in ("features", "derive", "expect")},
    **{f"Label.{name}": getattr(label, name) for name in ("as_events",)},
    **{f"Aggregation.{name}": getattr(count(), name) for name in ("over",)},
    **{f"Features.{name}": getattr(count().over(days(1)), name) for name in ("named", "fill")},
}  # fmt: skip


def arguments() -> list[tuple[str, str]]:
    return [(name, one) for name, made in DECLARATIONS.items() for one in inspect.signature(made).parameters]


def call(made: Callable[..., Any], name: str, value: object) -> object:
    kind = inspect.signature(made).parameters[name].kind
    return made(value) if kind is inspect.Parameter.VAR_POSITIONAL else made(**{name: value})


NOTHING = [object(), 1j, b"bytes", {object()}, Ellipsis, pd.DataFrame({"a": [1, 2]})]
"""What fits no argument of any declaration."""
ANYTHING = ["x", "", "a\nb", "rand()", 0, -1, 1.5, float("nan"), True, None, [], [1], {"a": 1}, date(2024, 1, 1),
            pd.NaT, days(-1), payments, np.int64(3), np.array(["a"]), Path("x"), *NOTHING]  # fmt: skip


@pytest.mark.parametrize(("declaration", "name"), arguments())
def test_what_no_argument_is_is_told_in_one_line(declaration, name):
    one = inspect.signature(DECLARATIONS[declaration]).parameters[name]
    for wrong in NOTHING:
        with pytest.raises(DefinitionError) as refused:
            call(DECLARATIONS[declaration], name, wrong)
        text = str(refused.value)
        assert "\n" not in text
        assert "expected" in text
        assert f"'{name}'" in text or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        assert refused.value.exit_code == 3


@pytest.mark.parametrize(("declaration", "name"), arguments())
def test_nothing_that_is_given_crashes(declaration, name):
    for wrong in ANYTHING:
        try:
            call(DECLARATIONS[declaration], name, wrong)
        except DefinitionError as refused:
            assert "\n" not in str(refused)  # noqa: PT017


@pytest.mark.parametrize("name", list(inspect.signature(Backtest).parameters))
def test_a_backtest_with_one_wrong_value_is_told_while_a_project_is_loaded(name):
    for wrong in ANYTHING:
        with collecting() as faults:
            try:
                Backtest(**{**declared, name: wrong})
            except DefinitionError as error:
                faults.append(str(error))
        assert all("\n" not in fault for fault in faults)


@pytest.mark.parametrize("declaration", [name for name in DECLARATIONS if name != "FeatureSet.derive"])
def test_an_unknown_argument_is_named(declaration):
    with pytest.raises(DefinitionError, match="takes no 'embrago'"):
        DECLARATIONS[declaration](embrago=days(1))


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (lambda: Source("p", event_time="at", timezone="US"), "Source 'p' 'timezone': expected an IANA zone, got 'US'"),
        (lambda: Source("p", event_time="at", delay=5), "got 5. Write delay=days(5)."),
        (lambda: Source("p", event_time="at", versions=1), "'versions': expected True or False, got 1."),
        (lambda: Source("p", event_time="at", columns={"a": int}), "'columns' of 'a': expected a type in Spark's"),
        (lambda: Source("a/b", event_time="at"), "'name': expected a name of letters, digits, '_', '-' and '.'"),
        (lambda: Source("p", event_time="at", known_time=""), "'known_time': expected a column's name, got ''."),
        (lambda: Source("p", evnt_time="at"), "Source 'p' takes no 'evnt_time'. Did you mean 'event_time'?"),
        (lambda: Source("p", event_time="at", table=Path("a/b")), "got PosixPath('a/b'). Write table='a/b'."),
        (lambda: Source("p"), "Source 'p': 'event_time' is missing. Add for example event_time='card_id'."),
        (lambda: Folds("2024-01-01", train=90, test=days(7)), "Folds 'train': expected a positive duration, got 90. "
                                                              "Write train=days(90)."),
        (lambda: Folds("2024-01-01", train="36h", test=days(7)), "got '36h'. Write train=hours(36)."),
        (lambda: Folds("2024-01-01", train=timedelta(7), test=days(7)), "Write train=days(7)."),
        (lambda: Folds("2024-01-01", train=days(7), test=days(7), count=True), "'count': expected an integer of at"),
        (lambda: Folds("9999-01-01", train=days(300), test=days(200)), "expected an end within the calendar"),
        (lambda: Folds(pd.NaT, train=days(7), test=days(7)), "'start': expected a date, or a time with a zone, got Na"),
        (lambda: Backtest(**declared, embrago=days(7)), "takes no 'embrago'. Did you mean 'embargo'? That is of Folds"),
        (lambda: Backtest(**declared | {"models": "xgb"}), "'models': expected a list, each item Model(...), got 'xgb"),
        (lambda: Backtest(**declared | {"label": payments}), "'label': expected Label(...), got Source 'payments'."),
        (lambda: Backtest(**declared, segments=["card"]), "'segments': expected a mapping of words on one line to"),
        (lambda: Backtest(**declared, segments={"a": "hour(card"}), "Backtest 'b' 'segments' of 'a': 'hour(card' is"),
        (lambda: FeatureTable("t", payments, cards), "'spine': expected Spine(...) or Snapshots(...), got Source"),
        (lambda: FeatureTable("t", spine, [payments]), "'feature_sets', item 1: expected FeatureSet(...), got Source"),
        (lambda: FeatureTable("t", spine, derived={"h": "hour(ts"}), "Feature table 't' 'derived' of 'h': 'hour(ts' i"),
        (lambda: FeatureTable("../t", spine), "'name': expected a name"),
        (lambda: Spine(payments, "at", known=["card", "card"]), "Spine 'known': 'card' is named twice."),
        (lambda: Spine(payments, "at", known={"card": 1}), "'known': expected a list of columns' names, got {'card'"),
        (lambda: Spine(payments, "at", known={"card"}), "'known': expected a list of columns' names, got {'card'}"),
        (lambda: Snapshots(payments, "card", 7), "'active': expected a positive duration, got 7. Write active=days(7)"),
        (lambda: Model("m", early_stopping=0), "'early_stopping': expected an integer of at least 1, got 0."),
        (lambda: Model("m", "rules", rules={"hour(a": 0.5}), "Model 'm' 'rules' of 'hour(a': 'hour(a' is not a row"),
        (lambda: Label("fraud", payments, "id", 45), "Label 'fraud' 'maturity': expected a duration that is not"),
        (lambda: label.as_events("payments"), "Label 'fraud' as_events 'decisions': expected Source(...), got 'pay"),
        (lambda: cards.features(count()), "Feature set 'cards' features: expected an aggregation with its windows, got "
                                          "Aggregation(...). Write for example count().over(days(7))."),
        (lambda: cards.features(), "Feature set 'cards' features: expected at least one, got none."),
        (lambda: cards.derive(x="hour(ts"), "Feature set 'cards' derive 'x': 'hour(ts' is not a row expression"),
        (lambda: count().over("7d"), "count over: expected a duration, latest(k), lifetime or leak(length), got '7d'. "
                                     "Write days(7)."),
        (lambda: count(wher="a"), "count takes no 'wher'. Did you mean 'where'?"),
        (lambda: count(where="hour(ts"), "count 'where': 'hour(ts' is not a row expression"),
        (lambda: ratio("a"), "ratio: 'b' is missing."),
        (lambda: days("7"), "days 'number': expected a number, got '7'."),
        (lambda: days(1e300), "A duration: expected"),
        (lambda: expect.fresh(1), "fresh 'within': expected a positive duration, got 1. Write within=days(1)."),
        (lambda: Published("m", "auc", 0.9, 0.1), "Published 'metric': unknown figure 'auc'. Did you mean 'roc_auc'?"),
        (lambda: Backtest(**declared, published=[Published("n", "roc_auc", 0.9, 0.1)]), "the published roc_auc 'n' is"),
        (lambda: Backtest(**declared, champion="m", challenger="m"), "challenger 'm' is the champion too"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_line(declare, told):
    with pytest.raises(DefinitionError) as refused:
        declare()
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda rows: rows.withColumn("a", 1), "no 'withColumn'. Write .select('card_id', night='hour(at) <= 6')."),
        (lambda rows: rows.filter("a > 1"), "no 'filter'. Write .where('amount > 0')."),
        (lambda rows: rows.groupBy("a"), "no 'groupBy'. Aggregate with .features("),
        (lambda rows: rows.where(rows.amount > 0), "no 'amount'. Name columns as text"),
        (lambda rows: rows["amount"], "no 'amount'. Name columns as text"),
        (lambda rows: rows.select(["card"]), "Source 'payments' select: expected a column's name, got ['card']."),
        (lambda rows: rows.select("card", hour="hour(ts"), "Source 'payments' select 'hour': 'hour(ts' is not a row"),
        (lambda rows: rows.where("hour(ts"), "Source 'payments' where 'condition': 'hour(ts' is not a row expression"),
        (lambda rows: rows.where(5), "where 'condition': expected a row expression, got 5."),
        (lambda rows: None, "expected a function that returns rows.select(...), got None."),
        (lambda rows: rows, "selects no columns. Write return rows.select('card_id', ...)."),
        (lambda: None, "expected a function of one argument, the source's rows, got habits()"),
        (5, "A feature set: expected a function with a name"),
    ],
)
def test_a_row_function_that_does_not_select_is_told_how(function, told):
    if callable(function):
        function.__name__ = "habits"
    with pytest.raises(DefinitionError) as refused:
        feature_set(source=payments, entity="card")(function)
    assert told in str(refused.value)
    assert not callable(function) or str(refused.value).startswith("Feature set 'habits'")


def test_the_decorator_without_its_arguments_is_told():
    with pytest.raises(DefinitionError, match=r"feature_set: expected values by name alone.*: source=, entity="):
        feature_set(lambda rows: rows)


def test_what_is_meant_all_the_same_is_taken():
    assert Spine(payments, "at", known="card").known == ("card",)
    assert Model("m", features="amount").features == ("amount",)
    assert FeatureTable("t", spine, cards).feature_sets == (cards,)
    assert Spine(payments, "at", known=np.array(["card", "amount"])).known == ("card", "amount")
    assert Spine(payments, "at", known=(name for name in ["card"])).known == ("card",)
    assert (days(np.int64(7)), days(np.float64(0.5))) == (days(7), hours(12))
    made = Folds("2024-01-01", train=days(7), test=days(7), count=np.int32(2))
    assert (made.count, type(made.count)) == (2, int)
    share = Model("m", validation=np.float64(0.25)).validation
    assert (share, type(share)) == (0.25, float)


def test_a_date_is_a_date():
    given = ["2019-01-31", date(2019, 1, 31), datetime(2019, 1, 31), datetime(2019, 1, 31, tzinfo=UTC),
             pd.Timestamp("2019-01-31", tz="UTC")]  # fmt: skip
    made = [Folds(start, train=days(7), test=days(7)) for start in given]
    assert {fold.first for fold in made} == {datetime(2019, 1, 31, tzinfo=UTC)}
    assert fingerprint(made[0]) == fingerprint(made[1])


def test_all_faults_of_one_declaration_come_together_but_none_of_a_stand_in():
    with pytest.raises(DefinitionError) as refused:
        Source("p", event_time="at", versions=True, known_time=5, id=6, date_is="noon")
    text = str(refused.value)
    assert re.findall(r"'(\w+)': expected", text) == ["id", "known_time", "date_is"]
    assert "has versions but" not in text  # its id and its known time were given, if wrongly


def test_lengths_of_time_are_added_in_kind():
    assert days(1) + hours(12) == hours(36)
    assert 2 * minutes(30) == hours(1)
    for wrong in (lambda: days(1) + 1, lambda: days(1) * 1.5, lambda: days(1) * "a"):
        with pytest.raises(DefinitionError, match="A duration"):
            wrong()


def test_the_parts_of_the_engine_take_checked_declarations_too():
    with pytest.raises(DefinitionError, match="count over"):
        Aggregation("count").over(7)
    assert Aggregation("count").over(lifetime, Duration(5)).windows == (lifetime, Duration(5))


def test_a_segment_may_be_a_field_of_what_is_known():
    known = Spine(payments, "at", known=["card", "amount", "merchant"])
    made = declared | {"table": FeatureTable("nested", known, [cards], derived={"abroad": "merchant.country <> 'GB'"})}
    assert Backtest(**made, segments={"country": "merchant.country"}).segments == {"country": "merchant.country"}
    with pytest.raises(DefinitionError, match="segment 'country' reads 'merchnt', which table 'nested' lacks. Did you"):
        Backtest(**made, segments={"country": "merchnt.country"})


def test_the_figures_that_may_be_published_are_those_that_are_measured():
    text = Path(metrics.__file__).read_text()
    measured = re.findall(r'^        "(\w+)": \(', text, re.MULTILINE)
    assert set(FIGURES) == set(measured)
