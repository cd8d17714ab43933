"""Sums and variances of doubles in two limbs against fractions."""

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillthen.pit.kernel.aggregations.spread import stddev, variance
from tillthen.pit.kernel.aggregations.summing import total
from tillthen.pit.kernel.doubled import Doubled, added, multiplied, n_squares_minus_square, sums
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.limbs import to_double, to_python
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.timeline import Timeline
from tillthen.pit.kernel.values import Values

cents = st.integers(-(10**8), 10**8).map(lambda x: x / 100)
halves = st.integers(-(2**50), 2**50).map(lambda x: x / 2**20)
windows = st.lists(st.one_of(cents, halves, st.just(0.0)), min_size=1, max_size=30)
moderate = st.floats(2.0**-200, 2.0**200).flatmap(lambda x: st.sampled_from([x, -x]))


def exactly(values: list[float]) -> tuple[Fraction, Fraction]:
    """The sum, and n Q - S**2."""
    exact = [Fraction(x) for x in values]
    return sum(exact), len(exact) * sum(x * x for x in exact) - sum(exact) ** 2


def of(values: list[float]) -> Doubled | None:
    return Doubled.of(np.array(values))


@given(windows)
def test_a_sum_is_rounded_once(values):
    doubled = of(values)
    if doubled is None:
        assert max(map(abs, values)) == 0 or max(map(abs, values)) / min(abs(x) for x in values if x) > 2.0**20
        return
    (got,) = sums(doubled.values, doubled.values.limbs.sum(axis=1, keepdims=True))
    assert got == float(exactly(values)[0])


@given(windows)
def test_what_is_sure_of_a_variance_is_rounded_once(values):
    doubled = of(values)
    if doubled is None:
        return
    totals = (one.limbs.sum(axis=1, keepdims=True) for one in (doubled.values, doubled.squares))
    (got,), (sure,) = n_squares_minus_square(doubled, np.array([len(values)]), *totals)
    expected = exactly(values)[1]
    assert not sure or got == float(expected)
    assert expected or not sure


@pytest.mark.parametrize(
    ("spread", "share"),
    [
        pytest.param(1, 0.999, id="amounts are nearly always sure"),
        pytest.param(3, 0.5, id="not beside far larger ones"),
    ],
)
def test_what_is_sure_is_right(spread, share):
    random = np.random.default_rng(0)
    rows, width = 4000, 5
    amounts = np.round(random.lognormal(3, spread, rows * width), 2)
    doubled = Doubled.of(amounts)
    assert doubled is not None
    window = [one.limbs.reshape(2, rows, width).sum(axis=2) for one in (doubled.values, doubled.squares)]
    got, sure = n_squares_minus_square(doubled, np.full(rows, width), *window)
    assert share < sure.mean() <= 1 - (spread > 1) * 0.01
    for value, seen in zip(got[sure], amounts.reshape(rows, width)[sure], strict=True):
        assert value == float(exactly(list(seen))[1])


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([19.99] * 6, id="equal: only in full is it zero"),
        pytest.param([19.99, 20.01] * 3, id="sure"),
        pytest.param([1e6] * 5 + [1e6 + 2.0**-33], id="cancels to a few bits"),
        pytest.param([3.0, None, 0.1, 0.2, None, 1e4], id="with nulls"),
        pytest.param([-0.1, 0.1, -0.3, 0.3], id="adds up to zero"),
    ],
)
def test_windows_of_two_limbs_are_those_of_many(values, monkeypatch):
    events = history(values)
    pieces = Pieces(len(values), np.arange(len(values)), np.full(len(values), len(values)))
    got = [kind(events, pieces, "x").to_pylist() for kind in (total, variance, stddev)]
    monkeypatch.setattr(Doubled, "of", lambda values: None)
    events = history(values)
    assert [kind(events, pieces, "x").to_pylist() for kind in (total, variance, stddev)] == got


def history(values: list[float | None]) -> Events:
    rows = np.arange(len(values), dtype=np.int64)
    timeline = Timeline(np.zeros_like(rows), rows)
    return Events(timeline, np.zeros_like(rows), rows, None, None, {"x": Values(pa.array(values, pa.float64()))})


@pytest.mark.parametrize("n", [1, 2, 511, 512, 1023, 1024])
def test_blocks_that_fill_their_room(n):
    random = np.random.default_rng(n)
    spread = 2.0 ** random.integers(-16, 16, n) * random.choice([-1.0, 1.0], n)
    for amounts in (np.nextafter(np.full(n, 2.0**20), 0), random.uniform(0.5, 1, n) * spread):
        doubled = Doubled.of(amounts)
        assert doubled is not None
        totals = [one.limbs.sum(axis=1, keepdims=True) for one in (doubled.values, doubled.squares)]
        total_, numerator = exactly(list(amounts))
        assert sums(doubled.values, totals[0]) == float(total_)
        got, sure = n_squares_minus_square(doubled, np.array([n]), *totals)
        assert not sure[0] or got[0] == float(numerator)


@given(moderate, moderate)
def test_a_product_and_its_rest_are_exact(left, right):
    (product,), (rest,) = multiplied(np.array([left]), np.array([right]))
    assert Fraction(product) + Fraction(rest) == Fraction(left) * Fraction(right)


@given(moderate, moderate)
def test_a_sum_and_its_rest_are_exact(left, right):
    (sum_,), (rest,) = added(np.array([left]), np.array([right]))
    assert Fraction(sum_) + Fraction(rest) == Fraction(left) + Fraction(right)


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [2.0**-201, 1.0], [1.0, 2.0**200], [2.0**-50, 2.0**50]])
def test_values_too_far_apart_are_left_to_more_limbs(values):
    assert of(values) is None


@given(windows)
def test_both_ways_to_sum_agree(values):
    doubled, parts = of(values), Values(pa.array(values)).parts
    if doubled is not None:
        high, low = doubled.values.doubles(doubled.values.limbs.sum(axis=1, keepdims=True))
        exact = to_python(parts.limbs.sum(axis=1, keepdims=True))[0] * Fraction(2) ** parts.unit
        assert Fraction(high[0]) + Fraction(low[0]) == exact
        assert high[0] + low[0] == to_double(parts.limbs.sum(axis=1, keepdims=True), parts.unit)[0]
