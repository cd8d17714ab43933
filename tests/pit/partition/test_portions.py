"""Portions that a worker hands over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tillthen.pit.kernel.lists import Lists
from tillthen.pit.partition import portions as module
from tillthen.pit.partition.chunks import Chunks, value_bytes
from tillthen.pit.partition.portions import most_rows, portions, sizes_of


def test_portions_hold_so_many_rows_and_bytes(monkeypatch):
    monkeypatch.setattr(module, "PORTION_ROWS", 4)
    monkeypatch.setattr(module, "PORTION_BYTES", 10)
    assert list(portions(9)) == [(0, 4), (4, 8), (8, 9)]
    assert list(portions(9, most=3)) == [(0, 3), (3, 6), (6, 9)]
    assert list(portions(6, np.array([5, 5, 5, 99, 0, 0]))) == [(0, 2), (2, 3), (3, 4), (4, 6)]
    assert list(portions(0)) == []


@pytest.mark.parametrize(
    ("type_", "values", "sizes"),
    [
        (pa.string(), ["four", None, "é", ""], [4, 0, 2, 0]),
        (pa.binary(), [b"four", None], [4, 0]),
        (pa.list_(pa.string()), [["a", "bc"], None, [], ["d"]], [3, 0, 0, 1]),
        (pa.struct([("x", pa.int32()), ("y", pa.string())]), [{"x": 1, "y": "abc"}, {"x": None, "y": None}], [11, 8]),
        (pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", 2)], None], [18, 0]),
        (pa.list_(pa.struct([("s", pa.list_(pa.string()))])), [[{"s": ["ab"]}, {"s": ["c", "d"]}], []], [4, 0]),
    ],
    ids=str,
)
def test_values_of_any_length_are_measured(type_, values, sizes):
    array = pa.array([values[0], *values, values[0]], type_).slice(1, len(values))
    assert value_bytes(array).tolist() == sizes
    assert sizes_of([Chunks.of([array]), Chunks.of([pa.array(range(len(values)))])]).tolist() == sizes


def test_numbers_are_not_measured():
    assert sizes_of([Chunks.of([pa.array([1, 2])]), Chunks.of([pa.array([True, None])])]) is None


def listed(most, values=(1,)):
    return Lists(pa.array(values), lambda first, last: np.zeros((last - first, most), np.int64), most)


def test_long_lists_come_in_fewer_rows():
    numbers = pa.array([1])
    assert most_rows([numbers]) == most_rows([numbers, listed(10)]) == 32_000
    assert most_rows([listed(600), numbers, listed(400)]) == 1000
    assert most_rows([listed(1000, ["x" * 5000])]) == 214  # a gigabyte of text
    assert most_rows([listed(10**7)]) == 1


def test_wide_rows_come_in_fewer():
    assert most_rows([pa.array([1])] * 28, 6) == 32_000
    assert most_rows([pa.array([1])] * 1400, 600) == 4000
