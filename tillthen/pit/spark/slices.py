"""Rows of keys that are cut by time: which slices each travels to, and where these are placed.

A slice holds the spine rows whose ``as_of`` lies in it, and a copy of every event that a window can still see there:
what earlier slices carry over. A row's result depends on what is visible to it and on nothing else, so it is the same
wherever the cuts fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.window import Window
from tillthen.pit.kernel.timeline import FAR, FOREVER
from tillthen.pit.partition.stage import AS_OF, SPINE, Stream, field_column
from tillthen.runtime.placing import placed

START, END, SLICE = "__start", "__end", "__slice"


@dataclass(frozen=True)
class HotKeys:
    """The slices of the keys to cut, as rows of the key's columns, `START` and `END` in microseconds, and `SLICE`."""

    schema: StructType
    slices: list[tuple[Any, ...]]

    @property
    def keys(self) -> int:
        """How many keys are cut."""
        return sum(row[-3] == -FOREVER for row in self.slices)


def here_column(kind: str) -> str:
    """Name of the column that says whether a row is of a kind in its slice."""
    return f"__here{kind}"


def sliced(
    frame: DataFrame, kept: Sequence[str], keys: Sequence[str], streams: Sequence[Stream], hot: HotKeys
) -> DataFrame:
    """``frame`` with the number of the row's slice, null for other keys; hot rows once for each slice they reach.

    Of the spine's columns, ``kept``, copies that are events alone carry nothing.
    """
    known = SPINE in frame.columns
    spread = with_slices(frame, keys, F.col(SPINE) if known else F.lit(True), F.col(AS_OF), streams, hot)
    is_spine, kinds = F.col(here_column(SPINE)), [stream.column for stream in streams]
    marks = [(F.col(kind) & F.col(here_column(kind))).alias(kind) for kind in kinds]
    rest = [F.col(quoted(name)) for name in frame.columns if name not in {SPINE, *kept, *kinds}]
    columns = [of_spine(frame, name) for name in kept]
    return spread.select(*columns, *rest, (is_spine & F.col(SPINE) if known else is_spine).alias(SPINE), *marks, SLICE)


def of_spine(frame: DataFrame, name: str) -> Column:
    """A column that copies of a row need not carry, behind `with_slices`."""
    carried = F.when(F.col(here_column(SPINE)), F.col(quoted(name)))
    return carried.alias(name, metadata=frame.schema[name].metadata)


def with_slices(
    frame: DataFrame, keys: Sequence[str], is_spine: Column, as_of: Column, streams: Sequence[Stream], hot: HotKeys
) -> DataFrame:
    """Rows with `SLICE`, null for other keys, and `here_column` for `SPINE` and each of the streams' columns.

    Rows of hot keys are there once for each slice that they reach as any of these.
    """
    instant = F.coalesce(as_of, F.lit(-FAR))
    spans = {SPINE: (is_spine, instant, instant)}
    spans |= {stream.column: (F.col(stream.column), *_seen_between(stream)) for stream in streams}
    slices = F.broadcast(frame.sparkSession.createDataFrame(hot.slices, hot.schema))
    start, end, number = slices[START], slices[END], slices[SLICE]
    here = {kind: there & (start <= last) & (first < end) for kind, (there, first, last) in spans.items()}
    same = reduce(and_, [frame[name] == slices[name] for name in keys])
    # In one pass, since rows of other keys are most: they find no slice and keep what they are.
    joined = frame.join(slices, same, "left").where(number.isNull() | reduce(or_, here.values()))
    marks = [(number.isNull() | at).alias(here_column(kind)) for kind, at in here.items()]
    return joined.select(*[frame[quoted(name)] for name in frame.columns], *marks, number)


def _seen_between(stream: Stream) -> tuple[Column, Column]:
    """The first and the last instant at which one of the stream's windows may see an event."""
    windows = [feature.window for feature in stream.features]
    lengths = [min(window.length.micros, FAR) for window in windows if window.ahead and window.length is not None]
    behind = [window for window in windows if not window.ahead or window.length is None]
    time = _field(stream, "time")
    if not behind:
        return time - max(lengths), time
    first, last = _seen_behind(behind, stream)
    return (F.least(first, time - max(lengths)), F.greatest(last, time)) if lengths else (first, last)


def _seen_behind(windows: Sequence[Window], stream: Stream) -> tuple[Column, Column]:
    """The same for windows that look back."""
    time, ever = _field(stream, "time"), F.lit(FOREVER)
    enters = time + min(min(window.offset.micros, FAR) for window in windows)
    first = enters if stream.known_at_once else F.greatest(enters, _field(stream, "from"))
    until = ever if stream.known_for_ever else F.coalesce(_field(stream, "to"), ever)
    reaches = [window.reach for window in windows]
    bounded = [min(reach, FAR) for reach in reaches if reach is not None]
    return first, F.least(until, time + max(bounded)) if len(bounded) == len(reaches) else until


def _field(stream: Stream, name: str) -> Column:
    return F.col(quoted(field_column(stream.column, name)))


def place(frame: DataFrame, partitions: int, slices: int, by_hash: Column) -> DataFrame:
    """Slices each in a partition of its own, after the ``partitions`` for all other rows."""
    other = F.pmod(by_hash, F.lit(partitions))
    at = F.when(F.col(SLICE).isNull(), other).otherwise(F.col(SLICE) + partitions)
    return placed(frame, at, partitions + slices).drop(SLICE)
