"""A column that may say what went wrong, and which of its two values does."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tillthen.starter.looked import Column

_YES = {"y": "n", "yes": "no", "t": "f", "true": "false", "1": "0"}

Bad = bool | int | str


def bad_value(column: Column, values: pa.ChunkedArray) -> Bad | None:
    """What bad rows hold in a column of two values without nulls: True, 1, or its word for yes; None in any other."""
    if column.nulls or column.distinct != 2:
        return None
    if column.type == "string":
        texts = pc.unique(values.cast(pa.string())).to_pylist()
        return next((one for one in texts if _YES.get(one.lower()) in {text.lower() for text in texts}), None)
    if column.type == "boolean":
        return True
    return 1 if (column.least, column.greatest) == (0, 1) else None


def are_bad(values: pa.ChunkedArray, bad: Bad) -> pa.ChunkedArray:
    """Which of an outcome's values say that something went wrong."""
    if isinstance(bad, str):
        return pc.equal(values.cast(pa.string()), bad)
    return pc.not_equal(values.cast(pa.float64()), 0)
