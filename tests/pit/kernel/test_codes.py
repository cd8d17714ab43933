"""Codes, orders of codes and greatest codes against the obvious way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillthen.pit.kernel.codes import float_codes, floats_of, previous_alike, stable_order
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.stabbing import greatest
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import taken

NEAR, ANY = st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1)
CODES = st.one_of(st.lists(NEAR), st.lists(ANY)).map(lambda codes: np.array(codes, dtype=np.int64))
COLUMNS = [
    pa.array([3, None, -(2**63), 2**63 - 1]),
    pa.array([3, None, -7], pa.int16()),
    pa.array([0.0, -0.0, None, float("nan"), float("-inf"), 5e-324]),
    pa.array([1.5, None, -2.25], pa.float32()),
    pa.array([True, None, False]),
    pa.array([date(1960, 2, 29), None, date(2024, 1, 1)]),
    pa.array([datetime(2024, 1, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
    pa.array([Decimal("1.50"), None, Decimal("-99999999999999999999999999999999.99")], pa.decimal128(38, 2)),
    pa.array(["b", "", None, "ä"]),
    pa.array([b"b", b"", None]),
]


@given(CODES)
def test_a_stable_order_is_numpys(codes):
    assert stable_order(codes).tolist() == np.argsort(codes, kind="stable").tolist()


@given(CODES)
def test_the_previous_of_the_same_code(codes):
    expected = [max((j for j in range(i) if codes[j] == code), default=-1) for i, code in enumerate(codes)]
    assert previous_alike(codes).tolist() == expected


@given(st.lists(st.floats()))
def test_doubles_come_back_from_their_codes(numbers):
    numbers = np.array([np.nan if x != x else x for x in numbers], dtype=np.float64)
    assert floats_of(float_codes(numbers)).tobytes() == numbers.tobytes()


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_values_come_back_from_their_codes(column):
    values = Values(column)
    assert values.of(values.sortable, ~values.valid).equals(column) or values.is_floating
    assert str(values.of(values.sortable, ~values.valid)) == str(column)
    assert values.of(values.sortable, np.ones(len(column), dtype=bool)).null_count == len(column)


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_values_at_places(column):
    for array in (column, column.drop_null(), column.slice(1).drop_null(), column[:0]):
        at = np.array([len(array) - 1, -1, 0, -5] if len(array) else [-1, -2])
        assert str(taken(array, at)) == str(array.take(pa.array(at, mask=at < 0)))


@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), ANY)), st.booleans())
def test_the_greatest_of_any_ranges(rows, ranges, in_order):
    start = np.array([min(low, rows) for low, _, _ in ranges], dtype=np.int64)
    end = np.array([min(high, rows) for _, high, _ in ranges], dtype=np.int64)
    codes = np.array([code for _, _, code in ranges], dtype=np.int64)
    pieces = Pieces(rows, np.sort(start), np.sort(end)) if in_order else Pieces(rows, start, end)
    lowest = np.iinfo(np.int64).min
    expected = [
        max([code for low, high, code in zip(pieces.start, pieces.end, codes, strict=True) if low <= row < high],
            default=lowest)
        for row in range(rows)
    ]  # fmt: skip
    assert greatest(pieces, codes, lowest).tolist() == expected
