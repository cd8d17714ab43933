"""Why a row scored as it did: the features that moved its score most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

from tillthen.learn.fitted import Fitted
from tillthen.runtime.arrays import Bools, Floats

MOST = 5
REASON = StructType(
    [
        StructField("feature", StringType()),
        StructField("value", DoubleType()),
        StructField("contribution", DoubleType()),
    ]
)
_ARROW = pa.struct([("feature", pa.string()), ("value", pa.float64()), ("contribution", pa.float64())])


def reasons(fitted: Fitted, features: Floats, columns: Mapping[str, pa.ChunkedArray], explained: Bools) -> pa.ListArray:
    """At most `MOST` features of each row by the size of what they add to its log odds, of rules to its score.

    Null for rows that are not ``explained``, and for models that say nothing of it. A category's value is in the name.
    """
    chosen = np.flatnonzero(explained)
    found = fitted.contributions(features[chosen]) if len(chosen) else None
    if found is None:
        return pa.nulls(len(explained), pa.list_(_ARROW))
    top = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :MOST]
    sizes = np.take_along_axis(found, top, axis=1)
    # A feature that adds nothing is no reason.
    counts = (sizes != 0).sum(axis=1)
    shown = np.arange(top.shape[1]) < counts[:, None]
    row, feature = np.broadcast_to(chosen[:, None], top.shape)[shown], top[shown]
    values = features[row, feature]
    values[np.isin(feature, [i for i, kind in enumerate(fitted.encoding.types) if kind == "c"])] = np.nan
    struct = pa.StructArray.from_arrays(
        [_names(fitted, row, feature, columns), pa.array(values, mask=np.isnan(values)), pa.array(sizes[shown])],
        fields=list(_ARROW),
    )
    lengths = np.zeros(len(explained), dtype=np.int64)
    lengths[chosen] = counts
    offsets = pa.array(np.r_[0, np.cumsum(lengths)].astype(np.int32), mask=np.r_[~explained, False])
    return pa.ListArray.from_arrays(offsets, struct)


def _names(fitted: Fitted, row: np.ndarray, feature: np.ndarray, columns: Mapping[str, pa.ChunkedArray]) -> pa.Array:
    categories = fitted.encoding.categories
    if not categories:
        return pa.array(np.array(fitted.features, dtype=object)[feature], pa.string())

    def name(i: int, at: int) -> str:
        text = fitted.features[at]
        return f"{text} = {columns[text][int(i)].as_py()}" if text in categories else text

    return pa.array([name(i, at) for i, at in zip(row, feature, strict=True)], pa.string())
