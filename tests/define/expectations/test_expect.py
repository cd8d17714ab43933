from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tillthen import FeatureTable, Source, Spine, count, days, expect, feature_set
from tillthen.define.arguments.fingerprint import fingerprint
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import DefinitionError

PAYMENTS = Source(
    "payments", id="payment", event_time="at", retracted_time="undone_at", columns={"card": "string", "amount": "int"}
)


def payments(*expectations: object, **options: object) -> Source:
    return replace(PAYMENTS, expect=expectations, **options)


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        (expect.not_null("a b"), "`a b` IS NOT NULL"),
        (expect.between("n", 1, None), "`n` IS NULL OR (`n` >= 1)"),
        (expect.between("n", 0.5, Decimal("1E+2")), "`n` IS NULL OR (`n` >= 0.5D AND `n` <= 100)"),
        (expect.one_of("c", ["it's", "b\\"]), r"`c` IS NULL OR `c` IN ('it\'s', 'b\\')"),
        (expect.between("d", date(2026, 1, 2), None), "`d` IS NULL OR (`d` >= DATE '2026-01-02')"),
        (
            expect.between("t", None, datetime(2026, 1, 2, tzinfo=UTC)),
            "`t` IS NULL OR (`t` <= TIMESTAMP '2026-01-02T00:00:00+00:00')",
        ),
        (expect.holds("n > 0 OR flag"), "n > 0 OR flag"),
    ],
)
def test_a_rule_is_a_row_expression(rule, condition):
    assert rule.condition == condition
    assert not parse(condition).faults


def test_few_rows_may_be_set_aside_unless_said():
    assert expect.not_null("card", otherwise="quarantine").at_most == 0.01
    assert expect.not_null("card").at_most == 0.0


@pytest.mark.parametrize(
    ("declare", "fault"),
    [
        (lambda: expect.not_null("c", otherwise="ignore"), "expected 'warn', 'stop' or 'quarantine', got 'ignore'"),
        (lambda: expect.unique("c", otherwise="quarantine"), "expected 'warn' or 'stop', got 'quarantine'"),
        (lambda: expect.not_null("c", at_most=2), "expected a share from 0 to 1, got 2"),
        (lambda: expect.between("c", None, None), "expected at least one end"),
        (lambda: expect.between("c", float("nan"), None), "expected a finite number"),
        (lambda: expect.one_of("c", []), "expected at least one, got none"),
        (lambda: expect.one_of("c", [datetime(2026, 1, 1)]), "date or time with a zone"),
        (lambda: expect.volume(), "expected least=, most= or within=, got none of them"),
        (lambda: expect.volume(least=-1), "expected bounds of at least 0"),
        (lambda: expect.fresh(3), "'within': expected a positive duration, got 3. Write within=days(3)."),
        (lambda: expect.fresh(days(0)), "'within': expected a positive duration, got 0"),
        (lambda: expect.stable("c", at_most=0), "'at_most': expected above 0"),
        (lambda: expect.holds("sum(a) > 1"), "aggregates over rows"),
        (lambda: expect.unique(), "expected columns, got none"),
    ],
)
def test_what_is_no_expectation(declare, fault):
    with pytest.raises(DefinitionError) as refused:
        declare()
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("declare", "fault"),
    [
        (lambda: payments("card"), "expected what tillthen.expect makes, got 'card'"),
        (lambda: payments(expect.not_null("card"), expect.not_null("card")), "expects 'card is not null' twice"),
        (lambda: payments(expect.not_null("crad", otherwise="quarantine")), "Did you mean 'card'? Declare it"),
        (lambda: payments(expect.not_null("undone_at", otherwise="quarantine")), "reads the retracted time"),
        (
            lambda: payments(expect.not_null("card", otherwise="quarantine"), versions=True, known_time="k"),
            "would bring back the version before",
        ),
    ],
)
def test_expectations_that_do_not_fit_a_source(declare, fault):
    with pytest.raises(DefinitionError) as refused:
        declare()
    assert fault in str(refused.value)


def spending():
    @feature_set(source=PAYMENTS, entity="card")
    def spending(payments):
        return payments.select("card")

    return spending.features(count().over(days(7)))


def table(*expectations: object, group: object = None) -> FeatureTable:
    return FeatureTable(
        "cards", Spine(PAYMENTS, "at", ["card"]), [group] if group else [spending()], expect=expectations
    )


def test_a_table_expects_what_its_feature_sets_do():
    group = spending().expect(expect.between("spending__count_7d", 0, 100))
    names = [one.name for one in table(expect.not_null("card"), group=group).expectations]
    assert names == ["card is not null", "spending__count_7d between 0 and 100"]


def test_expectations_that_do_not_fit_a_table():
    with pytest.raises(DefinitionError, match="has a row for each row of its spine"):
        table(expect.not_null("card", otherwise="quarantine"))
    with pytest.raises(DefinitionError, match=r"reads 'spending__count_8d'. Did you mean 'spending__count_7d'\?"):
        table(expect.not_null("spending__count_8d"))
    with pytest.raises(DefinitionError, match="Feature set 'spending': expectation 'x is not null' reads 'x'"):
        spending().expect(expect.not_null("x"))


def test_only_what_changes_rows_changes_the_hash():
    assert fingerprint(payments()) == fingerprint(payments(expect.not_null("card"), expect.fresh(days(1))))
    aside = payments(expect.not_null("card", otherwise="quarantine"))
    assert fingerprint(payments()) != fingerprint(aside)
    assert fingerprint(aside) == fingerprint(payments(expect.not_null("card", otherwise="quarantine", at_most=0.5)))
    assert fingerprint(table()) == fingerprint(table(expect.not_null("card")))
