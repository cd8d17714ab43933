"""Random worlds: a source's rows, a spine and feature sets that the contract's every rule applies to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nan
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tillthen.define.aggregation import KINDS, Aggregation
from tillthen.define.duration import Duration
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import Rows
from tillthen.define.source import Source
from tillthen.define.window import LIFETIME, latest

Row = dict[str, Any]
START = 1_700_000_000_000_000
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds of the calendar's ends, the years 1 and 9999."""

TYPES: dict[str, tuple[str, pa.DataType]] = {
    "card": ("string", pa.string()),
    "shop": ("bigint", pa.int64()),
    "id": ("bigint", pa.int64()),
    "at": ("timestamp", pa.int64()),
    "arrived": ("timestamp", pa.int64()),
    "gone": ("timestamp", pa.int64()),
    "number": ("bigint", pa.int64()),
    "deleted": ("boolean", pa.bool_()),
    "whole": ("bigint", pa.int64()),
    "small": ("smallint", pa.int16()),
    "real": ("double", pa.float64()),
    "single": ("float", pa.float32()),
    "exact": ("decimal(38,9)", pa.decimal128(38, 9)),
    "text": ("string", pa.string()),
    "flag": ("boolean", pa.bool_()),
    "bytes": ("binary", pa.binary()),
    "day": ("date", pa.date32()),
}

EDGES = [0.0, -0.0, 1.0, 0.1, 0.2, 0.3, 1e16, -1e16, 1e308, -1e308, 5e-324, -5e-324, 2.2250738585072014e-308, nan, inf, -inf]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-3, 3) | st.sampled_from([-(2**63), 2**63 - 1, 2**62, -(2**62), 2**53 + 1]),
    "small": st.integers(-(2**15), 2**15 - 1),
    "real": st.sampled_from(EDGES) | st.floats(-10, 10) | st.floats(),
    "single": st.sampled_from([0.0, -0.0, 0.5, nan, inf]) | st.floats(width=32),
    "exact": (st.integers(-5, 5) | st.sampled_from([10**38 - 1, 1 - 10**38, 5 * 10**37])).map(
        lambda units: Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -9))
    ),
    "text": st.sampled_from(["", "a", "A", "ß", "é", "e\u0301", "\uffff", "\U0001f600", "a\0", "a\0b"]) | st.text(max_size=3),
    "flag": st.booleans(),
    "bytes": st.sampled_from([b"", b"\0", b"\x7f", b"\x80", b"\xff\0"]),
    "day": st.dates(date(2000, 1, 1), date(2000, 1, 3)),
}
KEYS = ("card", "shop")
TAKES = {kind: tuple(n for n in VALUES if _family(TYPES[n][0]) in KINDS[kind].takes) for kind in KINDS} if False else {}
