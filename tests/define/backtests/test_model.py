"""What a model may not be declared to be."""

from dataclasses import replace

import pytest

from tillthen import Backtest, Costs, FeatureTable, Folds, Label, Model, Source, Spine, days
from tillthen.define.faults.errors import DefinitionError

payments = Source("payments", id="payment", event_time="at")
table = FeatureTable(
    "t", Spine(payments, as_of="at", known=["amount", "channel", "country"]), [],
    row_features=["amount", "channel", "country"], categorical=["channel", "country"],
)  # fmt: skip
fraud = Label("fraud", payments, decision="payment", positive="fraud = 1", maturity=days(1))
costs = Costs("amount", unit="minor", currency="EUR", margin=0.1)
folds = Folds("2024-01-01", train=days(7), test=days(7))


@pytest.mark.parametrize("features", [(), ("channel", "amount")])
def test_a_category_neither_rises_nor_falls(features):
    model = Model("m", monotone={"channel": 1, "amount": -1}, features=features)
    with pytest.raises(DefinitionError) as error:
        Backtest("b", table, fraud, folds, [model], costs)
    assert str(error.value) == (
        "Backtest 'b': model 'm' is monotone in 'channel', which table 't' declares categorical: its values neither "
        "rise nor fall. Remove it from monotone= or from categorical=."
    )
    Backtest("b", table, fraud, folds, [Model("m", monotone={"amount": -1})], costs)


@pytest.mark.parametrize("name", [".", "..", "../other", "a/b", "a\\b", ".hidden"])
def test_a_name_that_is_no_folders_is_refused(name):
    with pytest.raises(DefinitionError, match="names a folder: expected a name without '/'"):
        Model(name)


@pytest.mark.parametrize(
    ("calibration", "meant"),
    [("sigmod", "'sigmoid'"), ("Isotonic", "'isotonic'"), ("bta", "'beta'"), ("platt", None), (None, None)],
)
def test_an_unknown_calibration_is_refused_with_the_nearest(calibration, meant):
    with pytest.raises(DefinitionError) as error:
        Model("m", calibration=calibration)
    fix = f"Write calibration={meant}." if meant else "Write for example calibration='none'."
    assert str(error.value) == (
        f"Model 'm' 'calibration': expected 'none', 'sigmoid', 'isotonic' or 'beta', got {calibration!r}. {fix}"
    )


def test_two_models_of_one_name_are_refused():
    with pytest.raises(DefinitionError, match="Backtest 'b' names two models 'm'"):
        Backtest("b", table, fraud, folds, [Model("m"), Model("m", seed=1)], costs)


def test_what_a_model_takes_and_reads():
    rules = Model("m", learner="rules", rules={"amount > 100": 0.5, "country <> 'GB' AND amount > 5": 0.1})
    asked = ["amount", "channel", "country"]
    assert rules.inputs(asked) == ("amount > 100", "country <> 'GB' AND amount > 5")
    assert rules.reads(asked) == ("amount", "country")
    for features, expected in (((), tuple(asked)), (("country",), ("country",))):
        model = Model("m", features=features)
        assert model.inputs(asked) == model.reads(asked) == expected


@pytest.mark.parametrize("declared", [Model("m"), folds, costs, payments, fraud], ids=lambda one: type(one).__name__)
def test_what_is_not_given_is_what_could_be_given(declared):
    assert replace(declared) == declared
