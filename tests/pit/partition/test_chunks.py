"""A column in several pieces gives what it gives in one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from tillthen.pit.partition.chunks import Chunks


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (pa.string(), ["a", None, "ccc", "", "e", "f"]),
        (pa.list_(pa.int64()), [[1], None, [], [4, 5], [6], [7]]),
        (pa.struct([("x", pa.int32())]), [{"x": 1}, None, {"x": None}, {"x": 4}, {"x": 5}, {"x": 6}]),
        (pa.int64(), [1, None, 3, 4, 5, 6]),
        (pa.date32(), [date(2024, 1, 1 + i) for i in range(6)]),
        (pa.decimal128(9, 2), [Decimal(i) / 100 for i in range(6)]),
        (pa.bool_(), [True, None, False, True, False, True]),
        (pa.month_day_nano_interval(), [pa.MonthDayNano([i, 0, 0]) for i in range(6)]),
    ],
    ids=str,
)
@pytest.mark.parametrize("cuts", [[], [3], [1, 1, 4]])
def test_a_column_in_chunks_is_one_column(type_, values, cuts):
    edges = [0, *cuts, 6]
    chunks = [pa.array(values[start:end], type_) for start, end in pairwise(edges)]
    at = np.array([5, 0, 1, 3, 3, 2])
    found = Chunks.of(chunks).taken(at)
    assert found.type == type_
    assert found.to_pylist() == [pa.array(values, type_).to_pylist()[i] for i in at]
