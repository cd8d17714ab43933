"""What each aggregation makes of the events that a window sees; a file for each family.

An aggregation is a function ``(events, pieces, column) -> pa.Array`` with one value for each spine row of the block,
in the block's order, or ``-> Lists`` with one list; one with a parameter takes it behind the column. To add one: a
`Kind` in `tillthen.define.features.aggregation`, a function in a family's file or a file of its own, its name below,
its answer in the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa

from tillthen.pit.kernel.aggregations.counting import any_true, count, count_distinct, rate
from tillthen.pit.kernel.aggregations.elapsed import time_since_first, time_since_last
from tillthen.pit.kernel.aggregations.frequent import mode, top_k
from tillthen.pit.kernel.aggregations.listing import last_n
from tillthen.pit.kernel.aggregations.picking import first, greatest, last, last_non_null, least
from tillthen.pit.kernel.aggregations.quantiles import quantile
from tillthen.pit.kernel.aggregations.spread import stddev, variance
from tillthen.pit.kernel.aggregations.summing import mean, total
from tillthen.pit.kernel.lists import Lists

Made: TypeAlias = pa.Array | Lists
"""A value for each row of a block, or a list."""

AGGREGATIONS: dict[str, Callable[..., Made]] = {
    "count": count,
    "count_distinct": count_distinct,
    "rate": rate,
    "sum": total,
    "mean": mean,
    "variance": variance,
    "stddev": stddev,
    "min": least,
    "max": greatest,
    "first": first,
    "last": last,
    "last_non_null": last_non_null,
    "last_n": last_n,
    "mode": mode,
    "top_k": top_k,
    "quantile": quantile,
    "time_since_first": time_since_first,
    "time_since_last": time_since_last,
    "any": any_true,
}
