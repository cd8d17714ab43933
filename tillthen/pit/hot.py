"""Hot keys: a key with more rows than a task should hold is cut into slices of time, each a partition of its own.

A slice holds the spine rows whose ``as_of`` lies in it, and a copy of every event that a window can still see there:
what earlier slices carry over. A row's result depends on what is visible to it and on nothing else, so it is the same
wherever the cuts fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, LongType, StructField, StructType

from tillthen.define.window import Window
from tillthen.pit.kernel.timeline import FAR
from tillthen.pit.stage import AS_OF, SPINE, Stage, Stream, key_column
from tillthen.runtime.placing import placed

SLICE_ROWS = 500_000
"""Rows of one key that a task may hold; keys with more are cut."""

TIME, CUTS, FIRST, SLICE = "__time", "__cuts", "__first_slice", "__slice"
QUANTILES = 1000
BUCKETS = 1 << 16

Entity = tuple[str, ...]


@dataclass(frozen=True)
class HotKeys:
    """The keys to cut, as rows of the key's columns, the instants at which a slice begins, the first slice's number."""

    schema: StructType
    rows: list[tuple[Any, ...]]

    @property
    def slices(self) -> int:
        """How many slices there are, of all keys together."""
        return sum(len(row[-2]) + 1 for row in self.rows)


def bucket(keys: Sequence[Column]) -> Column:
    """A number below `BUCKETS` that rows of one key share, null where a part of the key is."""
    whole = reduce(and_, [key.isNotNull() for key in keys])
    return F.when(whole, F.pmod(F.xxhash64(*keys), F.lit(BUCKETS)).cast("int"))


def crowded_buckets(keyed: Mapping[Entity, Sequence[DataFrame]], limit: int) -> dict[Entity, list[int]]:
    """For each entity the buckets with more than ``limit`` rows of its frames of (keys ..., `TIME`), in one job."""
    found: dict[Entity, list[int]] = {entity: [] for entity in keyed}
    parts = [
        frame.select(F.lit(number).alias("entity"), _bucket(entity).alias("bucket"))
        for number, (entity, frames) in enumerate(keyed.items())
        for frame in frames
    ]
    if parts:
        rows = reduce(DataFrame.unionByName, parts).dropna().groupBy("entity", "bucket").count()
        for row in rows.where(f"count > {limit}").collect():
            found[[*keyed][row["entity"]]].append(row["bucket"])
    return found


def find_hot_keys(
    keyed: Mapping[Entity, Sequence[DataFrame]], crowded: Mapping[Entity, Sequence[int]], limit: int
) -> dict[Entity, HotKeys]:
    """For each entity the keys with more than ``limit`` rows in its frames of (keys ..., `TIME`), with even cuts.

    They are looked for among the rows of crowded buckets; entities without such a key are left out.
    """
    found = {
        entity: _of_entity(keyed[entity], entity, buckets, limit) for entity, buckets in crowded.items() if buckets
    }
    return {entity: hot for entity, hot in found.items() if hot.rows}


def _bucket(entity: Entity) -> Column:
    return bucket([F.col(key_column(i)) for i in range(len(entity))])


def _of_entity(frames: Sequence[DataFrame], entity: Entity, buckets: Sequence[int], limit: int) -> HotKeys:
    names = [key_column(i) for i in range(len(entity))]
    key_fields = [frames[0].schema[name] for name in names]
    schema = StructType([*key_fields, StructField(CUTS, ArrayType(LongType())), StructField(FIRST, LongType())])
    rows = reduce(DataFrame.unionByName, frames).where(_bucket(entity).isin(*buckets))
    shares = F.array(*[F.lit(i / QUANTILES) for i in range(1, QUANTILES)])
    even = F.percentile_approx(TIME, shares, F.lit(100 * QUANTILES)).alias("quantiles")
    hot, first = [], 0
    for row in rows.groupBy(*names).agg(F.count("*").alias("count"), even).where(f"count > {limit}").collect():
        slices = min(-(-row["count"] // limit), QUANTILES)
        cuts = sorted({row["quantiles"][i * QUANTILES // slices - 1] for i in range(1, slices)})
        hot.append((*(row[name] for name in names), cuts, first))
        first += len(cuts) + 1
    return HotKeys(schema, hot)


def cut(frame: DataFrame, stage: Stage, hot: HotKeys) -> DataFrame:
    """``frame`` with the number of the row's slice, null for other keys; hot rows once for each slice they reach."""
    names = [key_column(i) for i in range(len(stage.keys))]
    known = F.broadcast(frame.sparkSession.createDataFrame(hot.rows, hot.schema))
    last = F.size(CUTS)
    own = _slice_at(F.col(f"{SPINE}.{AS_OF}"))
    spans = [(F.col(SPINE).isNotNull(), own, own)]
    spans += [(F.col(stream.column).isNotNull(), *_seen_in(stream, last)) for stream in stage.streams]
    low = F.array_min(F.array(*[F.when(present, first) for present, first, _ in spans]))
    high = F.array_max(F.array(*[F.when(present, end) for present, _, end in spans]))
    reached = F.when(low <= high, F.sequence(low, high))
    kinds = [SPINE, *(stream.column for stream in stage.streams)]
    kept = [
        F.when(F.col(SLICE).between(first, end), F.col(name)).alias(name)
        for name, (_, first, end) in zip(kinds, spans, strict=True)
    ]
    copied = frame.join(known, names).withColumn(SLICE, F.explode(reached))
    # The rows of other keys, most of all, are not looked at again.
    others = frame.join(known, names, "left_anti").select(*names, *kinds, F.lit(None).cast("bigint").alias(SLICE))
    return others.union(copied.select(*names, *kept, (F.col(FIRST) + F.col(SLICE)).alias(SLICE)))


def _slice_at(time: Column) -> Column:
    """The slice in which an instant lies; the first where there is none."""
    return F.size(F.filter(CUTS, lambda start: start <= time))


def _seen_in(stream: Stream, last: Column) -> tuple[Column, Column]:
    """The first and the last slice in which one of the stream's windows may see an event."""
    windows = dict.fromkeys(feature.window for feature in stream.features)
    seen = [_seen_by(window, stream, last) for window in windows]
    return F.array_min(F.array(*[first for first, _ in seen])), F.array_max(F.array(*[end for _, end in seen]))


def _seen_by(window: Window, stream: Stream, last: Column) -> tuple[Column, Column]:
    time = F.col(f"{stream.column}.time")
    known = time if stream.known_at_once else F.col(f"{stream.column}.from")
    length = None if window.length is None else min(window.length.micros, FAR)
    if window.ahead and length is not None:
        return _slice_at(time - length), _slice_at(time)
    offset = min(window.offset.micros, FAR)
    end = last
    if not stream.known_for_ever:
        until = F.col(f"{stream.column}.to")
        end = F.when(until.isNull(), last).otherwise(_slice_at(until))
    leaves = end if length is None else F.least(end, _slice_at(time + min(offset + length, FAR)))
    return _slice_at(F.greatest(time + offset, known)), leaves


def place(frame: DataFrame, partitions: int, slices: int, by_hash: Column) -> DataFrame:
    """Slices each in a partition of its own, after the ``partitions`` for all other rows."""
    other = F.pmod(by_hash, F.lit(partitions))
    at = F.when(F.col(SLICE).isNull(), other).otherwise(F.col(SLICE) + partitions)
    return placed(frame, at, partitions + slices).drop(SLICE)
