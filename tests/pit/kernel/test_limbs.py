"""Exact sums against Python's integers, fractions and math.fsum."""

from decimal import Context, Decimal
from fractions import Fraction
from math import copysign, fsum, inf

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tillthen.pit.kernel.addends import Addends
from tillthen.pit.kernel.limbs import normalise, place, square, subtract, to_double, to_python, zeros
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Ints

doubles = st.floats(allow_nan=False, allow_infinity=False)
WIDE = Context(prec=60)
int64 = st.integers(-(2**63), 2**63 - 1)


def summed(addends: Addends) -> Ints:
    return addends.limbs.sum(axis=1, keepdims=True)


def nearest_double(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return inf if exact > 0 else -inf


@given(st.lists(doubles, min_size=1, max_size=20))
def test_a_sum_of_doubles_is_rounded_once(values):
    parts = Values(pa.array(values, pa.float64())).parts
    total = summed(parts)
    exact = sum(map(Fraction, values))
    assert to_python(total)[0] * Fraction(2) ** parts.unit == exact
    (got,) = to_double(total, parts.unit)
    assert got == nearest_double(exact)
    assert copysign(1, got) == (1 if exact == 0 else copysign(1, got))


@given(st.integers(2**52, 2**53 - 1), st.integers(1, 120), st.integers(-1, 1), st.sampled_from([1, -1]))
def test_halfway_between_two_doubles_goes_to_the_even_one(mantissa, shift, beside, sign):
    """Python's float() of an integer is the nearest double, ties to even; random doubles hardly ever make a tie."""
    exact = sign * ((mantissa << shift) + (1 << (shift - 1)) + beside)
    limbs = np.array([[sign * (abs(exact) >> (32 * j) & 0xFFFFFFFF)] for j in range(6)])
    assert to_double(limbs).tolist() == [float(exact)]


def test_it_is_what_fsum_gives_after_a_huge_history():
    values = [1e12] * 1000 + [0.01] + [-1e12] * 1000
    parts = Values(pa.array(values)).parts
    assert to_double(summed(parts), parts.unit)[0] == fsum(values) == 0.01


@given(st.lists(int64, min_size=1, max_size=20))
def test_sums_squares_and_differences_of_integers_are_exact(values):
    values_ = Values(pa.array(values, pa.int64()))
    total = summed(values_.parts)
    squares = summed(values_.squares)
    assert to_python(total) == [sum(values)]
    assert to_python(squares) == [sum(x * x for x in values)]
    _, magnitude = normalise(total)
    assert to_python(subtract(squares, square(magnitude))) == [sum(x * x for x in values) - sum(values) ** 2]


@given(
    st.lists(st.integers(-(10**37), 10**37).map(lambda x: Decimal(x).scaleb(-9, context=WIDE)), min_size=1, max_size=20)
)
def test_decimals_are_exact(values):
    parts = Values(pa.array(values, pa.decimal128(38, 9))).parts
    assert to_python(summed(parts)) == [sum(map(Fraction, values)) * 10**9]


@given(st.lists(doubles, min_size=1, max_size=8))
def test_squares_of_doubles_are_exact(values):
    squares = Values(pa.array(values, pa.float64())).squares
    exact = sum(Fraction(x) ** 2 for x in values)
    assert to_python(summed(squares))[0] * Fraction(2) ** squares.unit == exact


@given(int64, st.integers(0, 100))
def test_place_shifts(value, shift):
    limbs = zeros(6, 1)
    place(limbs, np.array([value]), shift)
    assert to_python(limbs) == [value << shift]


@given(st.lists(st.floats(), max_size=20))
def test_order_of_doubles_puts_negative_zero_first_and_nan_last(values):
    order = Values(pa.array(values, pa.float64())).order
    by_code = [values[i] for i in np.argsort(order, kind="stable")]
    by_rule = sorted(values, key=lambda x: (x != x, 0 if x != x else x, 0 if x != x else copysign(1, x)))
    assert str(by_code) == str(by_rule)


@given(st.lists(st.text() | st.none(), max_size=20))
def test_order_of_strings_is_that_of_their_bytes_with_nulls_first(values):
    order = Values(pa.array(values, pa.string())).order
    by_code = [values[i] for i in np.argsort(order, kind="stable")]
    assert by_code == sorted(values, key=lambda x: b"" if x is None else b"\0" + x.encode())
