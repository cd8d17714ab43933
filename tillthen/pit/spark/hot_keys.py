"""The step that cuts: hot keys, with more rows than a task should hold, by time. No rows move, they are counted.

Each of their slices (`tillthen.pit.spark.slices`) becomes a partition of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from tillthen.pit.kernel.timeline import FOREVER
from tillthen.pit.partition.stage import key_column
from tillthen.pit.spark.asked import Asked
from tillthen.pit.spark.entity import Entity, bucket
from tillthen.pit.spark.frame import TIME, key_times
from tillthen.pit.spark.grouped import Grouped
from tillthen.pit.spark.slices import END, SLICE, START, HotKeys

QUANTILES = 1000
SAMPLE = 20_000
"""About so many of a slice's rows say where it is cut."""


@dataclass(frozen=True)
class Cut:
    """A grouped question with the cuts of its hot keys, by entity; entities without one are not in ``hot``."""

    grouped: Grouped
    hot: Mapping[Entity, HotKeys]

    @property
    def asked(self) -> Asked:
        """The question as it was put."""
        return self.grouped.inspected.asked


def cut_by_time(groups: Grouped) -> Cut:
    """Look for hot keys, in the groups that have more rows than a task may hold.

    Where the spine's rows are all that there is to an entity, its inspection has counted them by bucket already.
    """
    asked, crowded = groups.inspected.asked, groups.inspected.crowded
    large = [group for group in groups.groups if group.rows > asked.limits[group.entity]]
    keyed = {group.entity: key_times(asked.timed, group.members) for group in large}
    known = {group.entity: crowded[group.entity] for group in large if group.all_own}
    others = {entity: frames for entity, frames in keyed.items() if entity not in known}
    return Cut(groups, find_hot_keys(keyed, known | crowded_buckets(others, asked.limits), asked.limits))


def crowded_buckets(
    keyed: Mapping[Entity, Sequence[DataFrame]], limits: Mapping[Entity, int]
) -> dict[Entity, list[int]]:
    """For each entity the buckets with more rows than its limit of its frames of (keys ..., `TIME`), in one job."""
    found: dict[Entity, list[int]] = {entity: [] for entity in keyed}
    parts = [
        frame.select(
            F.lit(number).alias("entity"), F.lit(limits[entity]).alias("most"), _bucket(entity).alias("bucket")
        )
        for number, (entity, frames) in enumerate(keyed.items())
        for frame in frames
    ]
    if parts:
        rows = reduce(DataFrame.unionByName, parts).dropna().groupBy("entity", "most", "bucket").count()
        for row in rows.where("count > most").collect():
            found[[*keyed][row["entity"]]].append(row["bucket"])
    return found


def find_hot_keys(
    keyed: Mapping[Entity, Sequence[DataFrame]], crowded: Mapping[Entity, Sequence[int]], limits: Mapping[Entity, int]
) -> dict[Entity, HotKeys]:
    """For each entity the keys with more rows than its limit in its frames of (keys ..., `TIME`), with even cuts.

    They are looked for among the rows of crowded buckets; entities without such a key are left out.
    """
    found = {
        entity: _of_entity(keyed[entity], entity, buckets, limits[entity])
        for entity, buckets in crowded.items()
        if buckets
    }
    return {entity: hot for entity, hot in found.items() if hot.slices}


def _bucket(entity: Entity) -> Column:
    return bucket([F.col(key_column(i)) for i in range(len(entity))]).alias("bucket")


def _of_entity(frames: Sequence[DataFrame], entity: Entity, buckets: Sequence[int], limit: int) -> HotKeys:
    names = [key_column(i) for i in range(len(entity))]
    key_fields = [frames[0].schema[name] for name in names]
    schema = StructType([*key_fields, *[StructField(name, LongType()) for name in (START, END, SLICE)]])
    # A sample will do: wherever the cuts fall, results are the same.
    sampled = F.when(F.rand(0) < min(SAMPLE / limit, 1.0), F.col(TIME)).alias("sampled")
    rows = reduce(DataFrame.unionByName, frames).where(_bucket(entity).isin(*buckets)).select("*", sampled)
    shares = ", ".join(f"{i / QUANTILES}D" for i in range(1, QUANTILES))  # as text: each literal is a call to the JVM
    even = F.expr(f"percentile_approx(sampled, array({shares}), {10 * QUANTILES}) AS quantiles")
    slices: list[tuple[Any, ...]] = []
    for row in rows.groupBy(*names).agg(F.count(TIME).alias("count"), even).where(f"count > {limit}").collect():
        parts = min(-(-row["count"] // limit), QUANTILES)
        cuts = sorted({row["quantiles"][i * QUANTILES // parts - 1] for i in range(1, parts)})
        for start, end in pairwise([-FOREVER, *cuts, FOREVER]):
            slices.append((*(row[name] for name in names), start, end, len(slices)))
    return HotKeys(schema, slices)
