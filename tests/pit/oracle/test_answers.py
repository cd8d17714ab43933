"""Section 5 of the contract, on values that can be added up by eye."""

from __future__ import annotations

from decimal import Decimal
from math import copysign, inf, isnan, nan

import pytest

from tillthen.pit.oracle.answers import Overflow, answer


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("count", [1, None, 2], 2),
        ("count", [], 0),
        ("count_distinct", [0.0, -0.0, nan, nan, None, 1.0], 3),
        ("count_distinct", ["a", "A", "a"], 2),
        ("sum", [2**63 - 1, 1, -1], 2**63 - 1),
        ("sum", [0.1] * 10, 1.0),
        ("sum", [1e16, 1.0, -1e16], 1.0),
        ("sum", [1e308, 1e308, -1e308], 1e308),
        ("sum", [1e308, 1e308], inf),
        ("sum", [-1e308, -1e308], -inf),
        ("sum", [Decimal("0.10"), Decimal("99999999999999999999.05")], Decimal("99999999999999999999.15")),
        ("sum", [None], None),
        ("mean", [1, 2], 1.5),
        ("mean", [2**53 + 1, 2**53 + 1, 2**53 + 2], 9007199254740994.0),
        ("mean", [Decimal("0.1"), Decimal("0.2")], 0.15),
        ("mean", [0.1, 0.2, 0.3], 0.6 / 3),
        ("variance", [1, 2, 4], 7 / 3),
        ("variance", [1e16, 1e16 + 2], 2.0),
        ("variance", [7.5], None),
        ("variance", [7.5, None, 7.5], 0.0),
        ("stddev", [1, 3], 2**0.5),
        ("stddev", [-1e308, 1e308], 2**0.5 * 1e308),
        ("rate", [True, None, False, True], 2 / 3),
        ("rate", [None], None),
        ("min", ["b", None, "a"], "a"),
        ("max", [False, True], True),
        ("min", ["\uffff", "\U0001f600"], "\uffff"),
        ("first", [None, 1], None),
        ("last", [1, None], None),
        ("last_non_null", [1, 2, None], 2),
        ("last", [], None),
        ("mode", ["b", "a", None, "b"], "b"),
        ("mode", ["b", "a"], "a"),
        ("mode", [nan, 1.0], 1.0),
        ("any", [None, False, True], True),
        ("any", [None, False], False),
        ("any", [None], None),
        ("time_since_first", [2_500_000, None, 1], 2.5),
        ("time_since_last", [2_500_000, 1, None], 1e-06),
        ("time_since_last", [None], None),
    ],
)
def test_answers(kind, values, expected):
    got = answer(kind, values)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("kind", "parameter", "values", "expected"),
    [
        ("last_n", 2, [1, None, 3], [None, 3]),
        ("last_n", 2, [None], [None]),
        ("last_n", 2, [], None),
        ("top_k", 2, ["c", "b", "c", "a", None], ["c", "a"]),
        ("top_k", 2, [-0.0, 0.0, -1.0], [0.0, -1.0]),
        ("top_k", 2, [None], None),
        ("quantile", 0.5, [4, None, 1, 2, 3], 2.5),
        ("quantile", 0.9, list(range(11)), 9.0),
        ("quantile", 0.5, [2**62, 2**62 + 1024], 2.0**62),
        ("quantile", 0.5, [Decimal("0.1"), Decimal("0.2")], 0.15),
        ("quantile", 0.5, [-1e308, 1e308], 0.0),
        ("quantile", 0.5, [inf, inf], inf),
        ("quantile", 0.5, [1.0, inf], inf),
        ("quantile", 0, [1.0, inf], 1.0),
        ("quantile", 0.5, [None], None),
    ],
)
def test_answers_with_a_parameter(kind, parameter, values, expected):
    got = answer(kind, values, parameter)
    assert got == expected
    assert type(got) is type(expected)


def test_the_sign_of_a_zero():
    assert copysign(1, answer("min", [0.0, -0.0])) == -1
    assert copysign(1, answer("max", [-0.0, 0.0])) == 1
    assert copysign(1, answer("sum", [-0.0, -0.0])) == 1
    assert copysign(1, answer("mode", [-0.0])) == 1
    assert copysign(1, answer("quantile", [-0.0], 0.5)) == 1


@pytest.mark.parametrize("kind", ["sum", "mean", "min", "max", "variance", "stddev"])
def test_nan_spoils_a_window(kind):
    assert isnan(answer(kind, [1.0, nan, inf]))


def test_infinities_stay_or_meet():
    assert answer("sum", [1.0, inf]) == inf
    assert isnan(answer("sum", [inf, -inf]))
    assert isnan(answer("variance", [inf, 1.0]))
    assert isnan(answer("quantile", [inf, -inf], 0.5))
    assert isnan(answer("quantile", [1.0, nan], 0))


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([2**63 - 1, 1], "bigint"),
        ([-(2**63), -1], "bigint"),
        ([Decimal("9" * 37 + ".9"), Decimal("0.1")], r"decimal\(38,1\)"),
    ],
)
def test_a_sum_that_does_not_fit_is_an_error(values, type_):
    with pytest.raises(Overflow, match=type_):
        answer("sum", values)
