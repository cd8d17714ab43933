from decimal import Decimal
from fractions import Fraction
from math import inf, isnan, nan

import pyarrow as pa
import pytest

from tests.pit.kernel.aggregations.asking import ask
from tillthen.pit.kernel.aggregations.summing import WindowOverflow

DECIMAL = pa.decimal128(38, 2)
LARGEST = Decimal(f"{10**36 - 1}.99")


@pytest.mark.parametrize("type_", [pa.int64(), pa.int16(), pa.float64(), pa.float32(), DECIMAL])
def test_sums_and_means_move_with_the_window(type_):
    values = [Decimal(v) if v is not None and type_ == DECIMAL else v for v in (4, None, -1, 6)]
    events = list(enumerate(values))
    assert ask("sum", events, [0, 1, 2, 3, 4, 6, 9], length=3, type_=type_) == [None, 4, 4, 3, 5, 6, None]
    assert ask("mean", events, [0, 1, 2, 3, 4, 6, 9], length=3, type_=type_) == [None, 4, 4, 1.5, 2.5, 6, None]


def test_a_window_with_nan_or_infinities_gives_what_these_make_of_a_sum_and_others_do_not():
    events = list(enumerate([1.0, inf, 2.0, -inf, inf, nan, 3.0, 4.0]))
    for kind, plain in (("sum", 7.0), ("mean", 3.5)):
        first, up, down, both, nan_, last = ask(kind, events, [1, 3, 4, 5, 6, 8], length=2)
        assert (first, up, down, last) == (1.0, inf, -inf, plain)
        assert isnan(both)
        assert isnan(nan_)


@pytest.mark.parametrize("values", [
    ["0.01", "-0.02"], ["79228162514264337593543950336.00", "0.01"], ["-79228162514264337593543950336.00", "-0.01"],
    [f"{10**36 - 2}.99", "0.99"], [f"-{LARGEST}", "0"], ["-42949672.96", "0"], ["-184467440737095516.16", "0"],
])  # fmt: skip
def test_sums_of_decimals_are_exact_in_all_their_digits(values):
    events = list(enumerate(map(Decimal, values)))
    exact = sum(map(Fraction, values))
    assert [Fraction(total) for total in ask("sum", events, [9], type_=DECIMAL)] == [exact]
    assert ask("mean", events, [9], type_=DECIMAL) == [float(exact / 2)]


@pytest.mark.parametrize(("values", "fits"), [
    ([2**63 - 2, 1], True), ([2**63 - 1, 1], False), ([-(2**63) + 1, -1], True), ([-(2**63), -1], False),
])  # fmt: skip
def test_integers_beyond_64_bits_are_refused_and_have_a_mean(values, fits):
    events = list(enumerate(values))
    assert ask("mean", events, [9]) == [sum(values) / 2]
    if fits:
        assert ask("sum", events, [9]) == [sum(values)]
        return
    with pytest.raises(WindowOverflow, match="row 1: the result does not fit bigint"):
        ask("sum", events, [1, 9])


@pytest.mark.parametrize("sign", ["", "-"])
def test_decimals_beyond_38_digits_are_refused(sign):
    events = [(0, Decimal(f"{sign}{LARGEST}")), (1, Decimal(f"{sign}0.01"))]
    assert ask("sum", events, [1], type_=DECIMAL) == [events[0][1]]
    with pytest.raises(WindowOverflow, match=r"row 1: the result does not fit decimal\(38,2\)"):
        ask("sum", events, [1, 9], type_=DECIMAL)


def test_means_of_large_integers_are_rounded_once():
    values = [2**53 + 1, 2**53 + 2, 2**53 + 4]
    assert ask("mean", list(enumerate(values)), [2, 3]) == [sum(values[:2]) / 2, sum(values) / 3]
