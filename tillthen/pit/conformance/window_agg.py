"""Windows of a table over itself and further tables, as OpenMLDB's ROWS and ROWS_RANGE frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tillthen.define.aggregation import Aggregation, count, count_distinct, max, mean, min, sum
from tillthen.define.duration import ZERO, Duration
from tillthen.define.errors import did_you_mean, sentence
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import Rows
from tillthen.define.source import Source
from tillthen.define.window import LIFETIME, WindowLike, latest
from tillthen.pit.conformance.cases import Case, DataContractError, check_column, malformed
from tillthen.pit.conformance.clock import Clock
from tillthen.pit.conformance.keys import everyone, grouped_columns
from tillthen.pit.conformance.question import AS_OF, ROW, TIME, Column, Frame, Output, Question, Unsupported, own_columns

AGGREGATIONS: dict[str, Callable[[str], Aggregation]] = {
    "sum": sum,
    "count": count,
    "min": min,
    "max": max,
    "avg": mean,
    "distinct_count": count_distinct,
}
