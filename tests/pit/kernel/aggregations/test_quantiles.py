from decimal import Decimal
from math import copysign, inf, isnan, nan

import numpy as np
import pyarrow as pa
import pytest

from tests.pit.kernel.aggregations.asking import ask


def quantile(values, q, type_=None):
    (found,) = ask("quantile", list(enumerate(values)), [len(values)], q, type_=type_)
    return found


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([3, 1, 2], 0.5, 2.0),
        ([4, 1, 3, 2], 0.5, 2.5),
        ([10, 20], 0.1, 11.0),
        ([10, 20], 0, 10.0),
        ([10, 20], 1, 20.0),
        ([7, None], 0.9, 7.0),
        (list(range(11)), 0.9, 9.0),
        # exact, then rounded once
        ([2**62, 2**62 + 1024], 0.5, float(2**62)),
        ([2**63 - 1, -(2**63)], 0.5, -0.5),
        ([2**53 + 1], 0.123456789, float(2**53)),
        ([-(2**60), 2**60], 0.123456789, -(2**60) + 2**61 * 0.123456789),
        ([Decimal("0.1"), Decimal("0.2")], 0.5, 0.15),
        ([Decimal("0.1"), Decimal("99999999999999999999.0")], 0, 0.1),
        # of doubles each step is rounded
        ([0.1, 0.2], 0.5, 0.1 * 0.5 + 0.2 * 0.5),
        ([-1e308, 1e308], 0.5, 0.0),
        ([1e308, 1.7e308], 0.5, 1.35e308),
        ([5e-324, 5e-324], 0.5, 5e-324),
        ([1.0, inf], 0.5, inf),
        ([1.0, inf], 0, 1.0),
        ([inf, inf, -inf], 0.75, inf),
        ([-inf], 0.5, -inf),
        ([None, None], 0.5, None),
    ],
)
def test_quantiles(values, q, expected):
    assert quantile(values, q, pa.float64() if values[-1] is None and values[0] is None else None) == expected


def test_nan_spoils_a_window_and_so_do_opposite_infinities_on_either_side():
    assert isnan(quantile([1.0, nan, 2.0], 0))
    assert isnan(quantile([-inf, inf], 0.5))
    assert ask("quantile", [(0, nan), (5, 1.0)], [10], 0.5, length=5) == [1.0]


def test_a_zero_has_no_sign():
    assert copysign(1, quantile([-0.0], 0.5)) == 1


def test_a_result_lies_between_its_neighbours():
    low, high = 0.7000000000000001, 0.7000000000000002
    assert all(low <= quantile([low, high], k / 1000) <= high for k in range(1001))


def test_windows_move_and_knowledge_comes_and_goes():
    events = [(0, 1), (1, 9, 4, 6), (2, 3)]
    assert ask("quantile", events, [0, 1, 3, 4, 5, 6], 0.5) == [None, 1.0, 2.0, 3.0, 3.0, 2.0]
    assert ask("quantile", [(0, 1), (1, 9), (2, 3)], [3, 4, 5, 6], 0.5, length=3) == [3.0, 6.0, 3.0, None]


def test_it_is_what_numpy_calls_linear():
    random = np.random.default_rng(1)
    values = random.normal(size=200)
    for q in (0.05, 0.25, 0.5, 0.9, 0.999):
        got = ask("quantile", list(enumerate(values)), range(1, 201), q, length=50)
        expected = [np.quantile(values[max(end - 50, 0) : end], q) for end in range(1, 201)]
        np.testing.assert_allclose(got, expected, rtol=1e-12)
