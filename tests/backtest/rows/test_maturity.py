import pytest

from tillthen.backtest.rows.maturity import maturity_curve


def test_without_young_decisions_it_is_the_plain_share():
    assert maturity_curve([(2, 90, 1), (5, 90, 2), (30, 90, 1)]) == [
        {"days": 2.0, "share": 0.25}, {"days": 5.0, "share": 0.75}, {"days": 30.0, "share": 1.0},
    ]  # fmt: skip


def test_young_decisions_do_not_look_quick():
    # Every fraud arrives after 1 or, as often, after 10 days; of those decided in the last 9 days only the first show.
    old = [(1, 40, 100), (10, 40, 100)]
    young = [(1, age, 100) for age in range(1, 10)]
    curve = {row["days"]: row["share"] for row in maturity_curve([*old, *young])}
    assert curve[1.0] == pytest.approx(0.5)
    plain = 1000 / 1100
    assert plain > 0.9


def test_nothing_known_gives_no_curve():
    assert maturity_curve([]) == []
