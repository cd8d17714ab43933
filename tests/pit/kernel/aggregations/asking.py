"""One key's events asked at some instants, without Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tillthen.define.arguments.duration import Duration
from tillthen.define.features.window import Window
from tillthen.pit.kernel.aggregations import AGGREGATIONS
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.timeline import FOREVER, Timeline
from tillthen.pit.kernel.values import Values

Event = tuple[Any, ...]
"""Event time, value, and where it matters the times from which and until which it is known."""


def ask(
    kind: str,
    events: Sequence[Event],
    as_of: Sequence[int],
    *parameter: float,
    type_: pa.DataType | None = None,
    length: int | None = None,
) -> list[Any]:
    """An aggregation of the values in [as_of - length, as_of) at each instant; events and instants are in order."""
    known = [(event[2], event[3]) if len(event) > 2 else (event[0], FOREVER) for event in events]
    table = Events(
        Timeline(np.zeros(len(as_of), np.int64), np.array(as_of, np.int64)),
        np.zeros(len(events), np.int64),
        np.array([event[0] for event in events], np.int64),
        np.array([start for start, _ in known], np.int64),
        np.array([end for _, end in known], np.int64),
        {"value": Values(pa.array([event[1] for event in events], type_))},
    )
    pieces = table.pieces(Window(None if length is None else Duration(length)), None)
    made = AGGREGATIONS[kind](table, pieces, "value", *parameter)
    return made.slice(0, len(as_of)).to_pylist()
