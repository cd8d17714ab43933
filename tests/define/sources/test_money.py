"""Money declared, and amounts of several currencies that are not to be put together."""

import pytest

from tillthen import Money, Rates, Source, count, days, feature_set, last, max, mean, median, stddev, sum
from tillthen.define.faults.errors import DefinitionError
from tillthen.define.sources.currency import digits_of, fault


def payments(**money):
    return Source("payments", id="payment", event_time="at", money=money)


def spending(source, condition=None, **selected):
    def cards(rows):
        rows = rows.where(condition) if condition else rows
        return rows.select("card", "amount", "currency", **selected)

    return feature_set(source=source, entity="card")(cards)


MIXED = payments(amount=Money(by="currency", unit="minor"))


@pytest.mark.parametrize("aggregation", [sum, mean, max, stddev, median])
def test_amounts_of_several_currencies_are_not_put_together(aggregation):
    with pytest.raises(DefinitionError, match=r"of 'amount' over several currencies. Convert them with Rates\(...\)"):
        spending(MIXED).features(aggregation("amount").over(days(7)))


@pytest.mark.parametrize(
    ("condition", "column", "where", "selected"),
    [(None, "amount * 2", None, {}), (None, "twice", None, {"twice": "amount * 2"}),
     (None, "amount", "currency <> 'EUR'", {}), ("amount > 0", "amount", "currency = 'EUR' OR amount > 5", {})],
)  # fmt: skip
def test_nor_are_what_is_made_of_them(condition, column, where, selected):
    with pytest.raises(DefinitionError, match="over several currencies"):
        spending(MIXED, condition, **selected).features(sum(column, where=where).over(days(7)))


def test_counted_looked_at_or_selected_by_currency_they_are():
    made = spending(MIXED).features(count().over(days(7)), last("amount").over(days(7)),
                                    sum("amount", where="currency = 'EUR' AND amount > 0").over(days(7)))  # fmt: skip
    assert len(made.declared) == 3
    spending(MIXED, "(currency = 'JPY')").features(sum("amount").over(days(7)))
    spending(payments(amount=Money("EUR", unit="major"))).features(sum("amount").over(days(7)))


def test_converted_they_are_in_one():
    rates = Rates(Source("fx", event_time="from_time"), base="EUR", max_age=days(3))
    in_eur = rates.convert(MIXED)
    assert (in_eur.name, in_eur.read) == ("payments_in_EUR", (MIXED, rates.source))
    spending(in_eur).features(sum("amount").over(days(7)))


def test_as_claimed_no_part_of_it_has_landed():
    late = Source("late", id="payment", event_time="at", landed_time="landed", money=MIXED.money)
    rates = Rates(Source("fx", event_time="from_time", landed_time="landed"), base="EUR", max_age=days(3))
    in_eur = rates.convert(late).as_claimed()
    assert [source.landed_time for source in (in_eur, *in_eur.read)] == [None, None, None]


@pytest.mark.parametrize(
    ("declare", "fault"),
    [
        (lambda: Money("EUR"), "Money 'unit': expected 'minor' or 'major', got nothing. Add unit="),
        (lambda: Money(unit="minor"), "Money: expected either a currency or by=, got neither"),
        (lambda: Money("EUR", by="currency", unit="minor"), "got both"),
        (lambda: Money("YEN", unit="minor"), "got 'YEN'. Did you mean 'JPY'"),
        (lambda: Rates(Source("fx", event_time="at"), base="EURO", max_age=days(1)), "'base'.*Did you mean 'EUR'"),
        (lambda: Rates(Source("fx", event_time="at"), base="EUR", max_age=days(1)).convert(payments()),
         "declares no money"),
    ],
)  # fmt: skip
def test_money_that_is_not_said_is_refused(declare, fault):
    with pytest.raises(DefinitionError, match=fault):
        declare()


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("", 0), ("XAU", 0)])
def test_a_currency_has_its_minor_units_digits_and_what_is_none_has_none(code, digits):
    assert digits_of(code) == digits


@pytest.mark.parametrize("code", [978, None, "", "qqqqqq"])
def test_what_is_like_no_currency_is_refused_with_examples(code):
    assert fault("Costs 'currency'", code) == (
        f"Costs 'currency': expected a code of ISO 4217, got {code!r}. Write for example 'EUR', 'USD' or 'JPY'."
    )
