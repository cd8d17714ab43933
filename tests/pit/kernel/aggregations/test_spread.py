from decimal import Decimal
from fractions import Fraction
from math import inf, isnan, nan
from statistics import variance

import pyarrow as pa
import pytest

from tests.pit.kernel.aggregations.asking import ask

WIDE = [[1e200, 2e200, 3e200, 5e200], [1e-200, 2e-200, 1e200, 1e-300]]


@pytest.mark.parametrize("values", [
    [1, 2, 4, 8], [-5, 5, 0, 1], [2**40, 2**40 + 1, -(2**41), 3], [2**62, -(2**62), 1, 2], [0.1, 0.2, 0.4, 0.7],
    [1e15 + 0.5, 1e15 + 1.5, 1e15 + 3.5, 1e15], [1e16, 1.0, -1e16, 0.1],
    [Decimal("0.1"), Decimal("0.35"), Decimal("-7.25"), Decimal("12345678901234567890.55")], *WIDE,
])  # fmt: skip
def test_spread_is_that_of_exact_arithmetic(values):
    type_ = pa.decimal128(38, 9) if isinstance(values[0], Decimal) else None
    found = {kind: ask(kind, list(enumerate(values)), [1, 2, 3, 4], type_=type_) for kind in ("variance", "stddev")}
    assert (found["variance"][0], found["stddev"][0]) == (None, None)
    for n in (2, 3, 4):
        exact = variance([Fraction(value) for value in values[:n]])
        assert abs(Fraction(found["stddev"][n - 1]) ** 2 / exact - 1) < Fraction(1, 10**15)
        if values not in WIDE:
            assert abs(Fraction(found["variance"][n - 1]) / exact - 1) < Fraction(1, 10**15)


def test_a_variance_beyond_doubles_is_infinite_or_zero():
    assert ask("variance", list(enumerate(WIDE[0])), [2, 3]) == [inf, inf]
    assert ask("variance", list(enumerate(WIDE[1])), [2, 3]) == [0.0, inf]


def test_equal_values_have_none_and_fewer_than_two_no_answer():
    for values in ([0.1] * 3, [2**53 + 1] * 3, [Decimal("0.1")] * 3):
        for kind in ("variance", "stddev"):
            assert ask(kind, list(enumerate(values)), [0, 1, 2, 3, 4, 5], length=2) == [None, None, 0, 0, None, None]


def test_nan_and_infinities_spoil_the_windows_that_hold_them():
    events = list(enumerate([1.0, inf, 2.0, 4.0, nan, 1.0, 3.0]))
    for kind, clean in (("variance", 2.0), ("stddev", 2**0.5)):
        with_inf, without, with_nan, later = ask(kind, events, [2, 4, 6, 7], length=2)
        assert (without, later) == (clean, clean)
        assert isnan(with_inf)
        assert isnan(with_nan)
