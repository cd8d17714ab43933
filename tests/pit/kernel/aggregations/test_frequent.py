from decimal import Decimal
from math import copysign, isnan, nan

import pyarrow as pa
import pytest

from tests.pit.kernel.aggregations.asking import ask


def test_by_count_then_by_value():
    events = list(enumerate(["b", "a", None, "b", "c", "c", "a"]))
    # after 1, 2, 3, 4, 5, 6 and 7 of them
    assert ask("mode", events, range(1, 8)) == ["b", "a", "a", "b", "b", "b", "a"]
    assert ask("top_k", events, [1, 4, 6, 7], 2) == [["b"], ["b", "a"], ["b", "c"], ["a", "b"]]
    assert ask("top_k", events, [7], 9) == [["a", "b", "c"]]


def test_no_value_makes_null():
    assert ask("mode", [(0, None)], [0, 1], type_=pa.string()) == [None, None]
    assert ask("top_k", [(0, None)], [0, 1], 2, type_=pa.string()) == [None, None]


def test_what_leaves_the_window_or_is_retracted_no_longer_counts():
    assert ask("mode", [(0, 7), (1, 7), (2, 3)], [3, 4, 5, 9], length=3) == [7, 3, 3, None]
    assert ask("mode", [(0, 7), (10, 7)], [1, 5, 11], length=3) == [7, None, 7]
    assert ask("mode", [(0, 7), (1, 3), (2, 3, 4, 6)], [3, 4, 5, 6]) == [3, 3, 3, 3]
    assert ask("mode", [(0, 3), (1, 7), (2, 7, 4, 6)], [3, 4, 5, 6]) == [3, 7, 7, 3]


@pytest.mark.parametrize("type_", [pa.float64(), pa.float32()])
def test_there_is_one_zero_and_one_nan(type_):
    (found,) = ask("top_k", [(0, -0.0), (1, 1.0), (2, 0.0), (3, nan), (4, nan), (5, nan)], [9], 3, type_=type_)
    assert isnan(found[0])
    assert found[1:] == [0.0, 1.0]
    assert copysign(1, found[1]) == copysign(1, ask("mode", [(0, -0.0)], [1], type_=type_)[0]) == 1
    assert ask("mode", [(0, nan), (1, 1.0)], [2], type_=type_) == [1.0]


def test_other_types_keep_their_values():
    assert ask("mode", [(0, Decimal("1.50")), (1, Decimal("-2.00"))], [2]) == [Decimal("-2.00")]
    assert ask("mode", [(0, True), (1, False), (2, True)], [3]) == [True]
