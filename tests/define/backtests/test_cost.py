"""Costs as row expressions, read as Python here, against rows counted by hand."""

import re
from decimal import Decimal

import pytest

from tillthen import Challenge, Costs, Review
from tillthen.define.faults.errors import DefinitionError

CONSTANTS = Costs(
    "amount", unit="minor", currency="EUR",
    recovery=0.1, chargeback_fee=2000, handling=500, margin=0.02, retry_succeeds=0.5, churn=0.01,
    lifetime_value=30_000, contact=20, review=Review(300, misses=0.2, insults=0.1),
    challenge=Challenge(10, abandons=0.25, passes=0.05),
)  # fmt: skip
CENTS = {"unit": "minor", "currency": "EUR"}
ASKED = CENTS | {"margin": 0.5}
BY_HAND = {  # of a payment of 10000
    "approve_fraud": 9000 + 2000 + 500,
    "approve_genuine": 0,
    "decline_fraud": 20,
    "decline_genuine": 0.02 * 10_000 * 0.5 + 300 + 20,
    "review_fraud": 300 + 0.2 * 11_500 + 0.8 * 20,
    "review_genuine": 300 + 0.1 * 420,
    "challenge_fraud": 10 + 0.05 * 11_500,
    "challenge_genuine": 10 + 0.25 * 200,
}


def value(text, **row):
    """A row expression's value: casts, CASE and rint read as Python."""
    text = re.sub(r"(?<=[0-9])D\b", "", text.replace("AS DOUBLE", "").replace("CAST", ""))
    text = re.sub(r"CASE WHEN (.*?) THEN 0 ELSE 1 END", r"(0 if (\1) else 1)", text)
    return eval(text, {"rint": round}, row)


def test_each_action_costs_what_is_counted_by_hand():
    columns = CONSTANTS.columns
    assert CONSTANTS.actions == ("approve", "challenge", "review", "decline")
    found = {name: value(columns[name], amount=10_000) for name in BY_HAND}
    assert found == pytest.approx(BY_HAND)


def test_what_is_not_declared_costs_nothing():
    columns = Costs("amount", **ASKED, lifetime_value=30_000).columns
    expected = {"approve_fraud": 10_000, "approve_genuine": 0, "decline_fraud": 0, "decline_genuine": 5000}
    assert {name: value(columns[name], amount=10_000) for name in expected} == expected


def test_only_declared_actions_have_columns():
    plain = Costs("amount", **ASKED)
    assert plain.actions == ("approve", "decline")
    assert not [name for name in plain.columns if name.startswith(("review", "challenge"))]
    assert not [name for name in plain.inputs if name.startswith(("review", "challenge"))]


def test_a_shifted_liability_costs_nothing():
    costs = Costs("amount", **ASKED, chargeback_fee=2000, handling=5, liability_shifted="threeds == 'Y'")
    assert value(costs.columns["approve_fraud"], amount=100, threeds="Y") == 0
    assert value(costs.columns["approve_fraud"], amount=100, threeds="N") == 2105
    assert costs.reads == ("amount", "threeds")


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_an_expression_gives_what_its_value_as_a_constant_gives(rate):
    shares = ("recovery", "margin", "retry_succeeds", "churn")
    told = Costs("amount", **CENTS, **dict.fromkeys(shares, rate), lifetime_value=100, contact=3,
                 review=Review(7, rate, rate), challenge=Challenge(1, rate, rate))  # fmt: skip
    read = Costs("amount", **CENTS, **dict.fromkeys(shares, "r"), lifetime_value="100", contact="3",
                 review=Review("7", "r", "r"), challenge=Challenge("1", "r", "r"))  # fmt: skip
    for action in told.actions:
        for outcome in ("fraud", "genuine"):
            by = value(told.cost(action, outcome), amount=40)
            assert value(read.cost(action, outcome), amount=40, r=rate) == pytest.approx(by)


def test_products_times_their_bases_are_the_costs_at_any_input():
    """What the explorer and the sensitivities do: the rows' parts stay, a number changes."""
    bases = {row: value(row, amount=10_000) for row in CONSTANTS.bases}
    changed = dict(CONSTANTS.inputs) | {"recovery": 0.3, "chargeback_fee": 100}
    parts = CONSTANTS.products["review", "fraud"]
    assert sum(part.value(changed) * bases[part.base] for part in parts) == pytest.approx(
        300 + 0.2 * (7000 + 100 + 500) + 0.8 * 20
    )


def test_an_expression_is_an_input_that_scales_it_alone():
    costs = Costs("amount", **ASKED, recovery="r")
    assert costs.inputs["recovery"] == 1
    bases = {row: value(row, amount=100, r=0.4) for row in costs.bases}
    halved = dict(costs.inputs) | {"recovery": 0.5}
    parts = [part for part in costs.products["approve", "fraud"] if part.name == "fraud"]
    assert sum(part.value(halved) * bases[part.base] for part in parts) == pytest.approx(100 * (1 - 0.5 * 0.4))


@pytest.mark.parametrize(
    ("left_out", "line"),
    [
        (
            "unit",
            """'unit': expected 'minor' or 'major', got nothing. Add unit="major" where amounts and fees are like """,
        ),
        ("currency", """'currency': expected a code of ISO 4217, got nothing. Add for example currency="EUR":"""),
        (
            "margin",
            "'margin': expected a share of at most 1, or an expression, got nothing. Add for example margin=0.02:",
        ),
    ],
)
def test_what_decides_money_has_no_default_and_the_refusal_holds_the_line_to_add(left_out, line):
    with pytest.raises(DefinitionError) as refused:
        Costs("amount", **{name: value for name, value in ASKED.items() if name != left_out})
    assert line in str(refused.value)


@pytest.mark.parametrize(
    ("currency", "fee", "minor"),
    [("USD", 44.16, 4416), ("JPY", 44, 44), ("KRW", 44, 44), ("KWD", Decimal("44.165"), 44165)],
)
def test_an_amount_in_major_units_is_that_of_its_minor_ones(currency, fee, minor):
    major = Costs("dear", unit="major", currency=currency, margin=0.5, chargeback_fee=fee, lifetime_value="worth")
    cents = Costs("dear", unit="minor", currency=currency, margin=0.5, chargeback_fee=minor, lifetime_value="worth")
    assert major.inputs == cents.inputs
    scale = 10**major.money.digits
    for name, text in major.columns.items():
        expected = value(cents.columns[name], dear=4416, worth=700)
        assert value(text, dear=4416 / scale, worth=700 / scale) == pytest.approx(expected, rel=1e-12)
    assert value(major.columns["amount"], dear=4416 / scale) == 4416


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"unit": "cents"}, "'unit': expected 'minor' or 'major', got 'cents'"),
        ({"currency": "YEN"}, "'currency': expected a code of ISO 4217, got 'YEN'. Did you mean 'JPY'"),
        ({"currency": "eur"}, "got 'eur'. Did you mean 'EUR'"),
        ({"currency": "XAU"}, "'currency': expected a code of ISO 4217, got 'XAU'"),
        ({"margin": 2}, "'margin': expected a share of at most 1, got 2"),
        ({"recovery": Decimal("1.01")}, "'recovery': expected a share of at most 1, got 1.01"),
        ({"contact": Decimal("NaN")}, "'contact': expected a finite number"),
        ({"margin": -1}, "'margin': expected a finite number that is not negative"),
        ({"recovery": 1.5}, "'recovery': expected a share of at most 1, got 1.5"),
        ({"churn": float("nan")}, "'churn'.*got nan"),
        ({"contact": float("inf")}, "'contact'.*got inf"),
        ({"handling": True}, "'handling'.*got True"),
        ({"handling": "amount >"}, "'amount >' is not a row expression"),
        ({"review": Review(-3)}, "'review_cost'.*got -3"),
        ({"challenge": Challenge(passes=2)}, "'challenge_passes': expected a share"),
    ],
)
def test_costs_that_make_no_sense_are_refused(wrong, fault):
    with pytest.raises(DefinitionError, match=fault):
        Costs("amount", **ASKED | wrong)
