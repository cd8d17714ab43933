"""A feature in words, and a value by its events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tillthen import cli
from tillthen.runtime.status import write_status

DECLARATIONS = """
from tillthen import FeatureTable, Source, Spine, count, days, feature_set, hours, leak, lifetime, sum

payments = Source("payments", id="payment", event_time="at", known_time="seen", retracted_time="gone", delay=hours(1))


@feature_set(source=payments, entity=["card", "shop"], owner="fraud", closed="right", exclude_self=True)
def regulars(payments):
    \'\'\'What a card
    spends at a shop.\'\'\'
    return payments.where("shop > 0").select("card", "shop", "amount")


regulars.features(
    sum("amount", where="amount > 5").over(days(2), offset=hours(1)),
    count().over(leak(days(1))).named("ahead"),
)
"""


def at(day, hour=0):
    return datetime(2024, 1, day, hour, tzinfo=UTC)


def paid(payment, when, amount, seen=None, gone=None, shop=1):
    return {"payment": payment, "card": "a", "shop": shop, "at": when, "amount": amount, "seen": seen or when,
            "gone": gone}  # fmt: skip


PAYMENTS = [
    paid(1, at(9), 10),
    paid(2, at(9, 5), 20),
    paid(3, at(9, 6), 30, seen=at(10)),
    paid(4, at(9, 7), 40, gone=at(9, 9)),
    paid(5, at(9, 8), 3),
    paid(6, at(7), 50),
    paid(7, at(10), 60),
    paid(8, at(9, 9), 70),
    paid(9, at(9, 1), 80, shop=2),
]


def explain(team, *arguments, code=0):
    team.declarations.write_text(DECLARATIONS.replace("\\'", "'"))
    team.pay(PAYMENTS)
    assert cli.main(["explain", "--conf", str(team.conf), *arguments]) == code


def test_a_definition_in_words(team, capsys):
    explain(team, "regulars__sum_amount_where_amount_gt_5_2d_offset_1h")
    assert capsys.readouterr().out.splitlines() == [
        "feature       regulars__sum_amount_where_amount_gt_5_2d_offset_1h",
        "set           regulars, by card, shop, owned by fraud",
        "about         What a card spends at a shop.",
        "source        payments, table payments, id payment",
        "rows          those where shop > 0",
        "value         sum of amount where amount > 5, event_time in (as_of - 1h - 2d, as_of - 1h]",
        "ties          an event exactly 1h before as_of counts; the row's own event, by payment, does not",
        "known         seen + 1h <= as_of, and not gone <= as_of",
        "hidden by     the offset: what happened in the last 1h; the known time seen: what had not arrived; "
        "the delay: what arrived in the last 1h",
        "empty window  null",
    ]


def test_a_leak_says_so(team, capsys):
    explain(team, "ahead")
    said = capsys.readouterr().out
    assert "value         count, event_time in (as_of, as_of + 1d] LEAK" in said
    assert "ties          an event at as_of itself does not count" in said
    assert "known         LEAK: whatever was known, and whatever was retracted" in said
    assert "empty window  0" in said


def test_a_value_by_its_events_and_those_just_outside(spark, team, capsys):
    explain(team, "regulars__sum_amount_where_amount_gt_5_2d_offset_1h", "--key", "shop=1", "--key", "card=a",
            "--at", "2024-01-09T11:00:00+01:00", "--row", "8")  # fmt: skip
    said = capsys.readouterr().out.splitlines()[10:]
    assert said == [
        "value         30",
        "events        2",
        "  event 2 (at 2024-01-09T05:00:00Z, known 2024-01-09T06:00:00Z), amount = 20",
        "  event 1 (at 2024-01-09T00:00:00Z, known 2024-01-09T01:00:00Z), amount = 10",
        "just outside  6",
        "  event 8 (at 2024-01-09T09:00:00Z, known 2024-01-09T10:00:00Z), amount = 70: own event",
        "  event 5 (at 2024-01-09T08:00:00Z, known 2024-01-09T09:00:00Z), amount = 3: not where amount > 5",
        "  event 4 (at 2024-01-09T07:00:00Z, known 2024-01-09T08:00:00Z), amount = 40: retracted",
        "  event 3 (at 2024-01-09T06:00:00Z, known 2024-01-10T01:00:00Z), amount = 30: known later",
        "  event 7 (at 2024-01-10T00:00:00Z, known 2024-01-10T01:00:00Z), amount = 60: after as_of, known later",
        "  event 6 (at 2024-01-07T00:00:00Z, known 2024-01-07T01:00:00Z), amount = 50: before the window",
    ]


def test_lists_are_cut_and_wrong_keys_refused(spark, team, capsys):
    keys = ["--key", "card=a", "--at", "2024-01-09T10:00:00Z"]
    explain(team, "ahead", *keys, "--key", "shop=1", "--limit", "1")
    assert capsys.readouterr().out.splitlines()[-3:][1:] == [
        "just outside  7, the nearest 1:",
        "  event 8 (at 2024-01-09T09:00:00Z, known 2024-01-09T10:00:00Z): before the window",
    ]
    explain(team, "ahead", *keys, "--key", "shop=one", code=2)
    assert "'shop': expected a bigint, got 'one'." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"hot card": {"keys": 2, "slices": 7}}, "2 of card cut by time, 7 slices in all, when r2 built cards"),
        ({"spine": {"rows": 3}}, "no card had to be cut, when r2 built cards"),
    ],
)
def test_what_the_last_build_did_about_hot_keys(team, capsys, facts, said):
    for run, table, found in (("r1", "cards", {}), ("r2", "cards", facts), ("r3", "shops", {})):
        write_status(
            team.root / "wh" / "_runs" / run / f"{table}.json", {"table": table, "run_id": run, "facts": found}
        )
    assert cli.main(["explain", "--conf", str(team.conf), "spending__count_7d"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"hot keys      {said}"
