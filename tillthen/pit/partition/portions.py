"""How many rows a worker hands over at once: few enough for their columns, texts and lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.pit.kernel.aggregations import Made
from tillthen.pit.kernel.lists import Lists
from tillthen.pit.partition.chunks import CHUNK_BYTES, Chunks
from tillthen.runtime.arrays import Ints

PORTION_ROWS, PORTION_CELLS, PORTION_LISTED, PORTION_BYTES = 32_000, 8_000_000, 1_000_000, 1 << 26
"""The most rows, values, values in lists, and bytes of a portion, or one row with more."""


def portions(rows: int, sizes: Ints | None = None, most: int | None = None) -> Iterator[tuple[int, int]]:
    """Ranges [from, to) of so many rows, each of at most ``most``; ``sizes`` are their bytes, None where few."""
    most = most or PORTION_ROWS
    reached = None if sizes is None else np.r_[0, np.cumsum(sizes)]
    start = 0
    while start < rows:
        stop = min(start + most, rows)
        if reached is not None:
            fit = int(np.searchsorted(reached, reached[start] + PORTION_BYTES, side="right")) - 1
            stop = min(stop, max(fit, start + 1))
        yield start, stop
        start = stop


def sizes_of(columns: Sequence[Chunks]) -> Ints | None:
    """The bytes of the columns' rows; None where all columns' values take few."""
    found = [sizes for column in columns if (sizes := column.sizes) is not None]
    return np.sum(found, axis=0) if found else None


def most_rows(features: Sequence[Made], columns: int = 0) -> int:
    """How many rows with the features, and as many columns beside them, may be made at once."""
    lists = [feature for feature in features if isinstance(feature, Lists)]
    wide = len(features) + columns
    listed = sum(one.most for one in lists)
    texts = sum(one.most * _longest(one.values) for one in lists)
    fit = (PORTION_CELLS // wide, PORTION_LISTED // max(listed, 1), CHUNK_BYTES // max(texts, 1))
    return max(1, min(PORTION_ROWS, *fit))


def _longest(values: pa.Array) -> int:
    text = pa.types.is_string(values.type) or pa.types.is_binary(values.type)
    return (pc.max(pc.binary_length(values)).as_py() or 0) if text else 0
