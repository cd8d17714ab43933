"""Point-in-time features in Spark: one shuffle an entity, whatever the number of windows and features.

`compute` is a list of steps, each a function of one file, each taking what the one before has found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.stage import AS_OF
from tillthen.pit.partition.task_sizes import TASK_ROWS
from tillthen.pit.spark.asked import Asked, AsOf
from tillthen.pit.spark.derived import derive
from tillthen.pit.spark.features import with_features
from tillthen.pit.spark.frame import Spine, put_together
from tillthen.pit.spark.grouped import grouped
from tillthen.pit.spark.hot_keys import Cut, cut_by_time
from tillthen.pit.spark.shuffled import begun, shuffled
from tillthen.pit.spark.spine import OnNullTime, inspect


@dataclass(frozen=True)
class PointInTime:
    """A spine with its features, and what was counted on the way: rows, dropped and collapsed events."""

    frame: DataFrame
    facts: dict[str, dict[str, int]]


def compute(
    spine: DataFrame,
    feature_sets: Sequence[FeatureSet],
    sources: Mapping[str, DataFrame],
    *,
    as_of: str = "as_of",
    columns: Sequence[str] | None = None,
    unique: Collection[str] = (),
    timezone: str | None = None,
    date_is: str = "end",
    on_null_time: OnNullTime = "refuse",
    partitions: int | None = None,
    slice_rows: int = TASK_ROWS,
) -> PointInTime:
    """The spine with its features, as `tillthen.point_in_time` says, and the facts of the run.

    ``columns`` of ``spine`` are the spine, where not all are: the others serve sources that are given as the very same
    frame, whose events then travel with the spine's rows. ``unique`` names sources whose ids are known to be unique.
    Keys with more rows than ``slice_rows``, fewer where features are long lists, are cut by time
    (`tillthen.pit.spark.hot_keys`); it changes no result.
    """
    instant = AsOf(as_of, timezone, date_is)
    asked = Asked(spine, tuple(columns or spine.columns), tuple(feature_sets), instant, slice_rows)
    inspected = inspect(asked, on_null_time)  # names and keys are sound, rows are counted
    groups = grouped(inspected, sources, unique, partitions)  # by entity, with the events of their sources
    cut = cut_by_time(groups)  # known: which keys are too large for a task, and where they are cut
    on_the_way = begun(cut)  # the spine, with the events that its rows themselves are
    for group in groups.groups:
        together = put_together(on_the_way, group)  # the spine and the entity's other events, rows of one frame
        placed = shuffled(together, cut)  # all rows of a key in one partition, or by slices
        on_the_way = Spine(with_features(placed, last=group is groups.groups[-1]))  # the spine, a few columns wider
    return PointInTime(derive(on_the_way.frame.drop(AS_OF), asked.derived), _facts(cut))


def _facts(cut: Cut) -> dict[str, dict[str, int]]:
    groups = cut.grouped
    split = {hot_fact(entity): {"keys": hot.keys, "slices": len(hot.slices)} for entity, hot in cut.hot.items()}
    return {"spine": groups.inspected.facts, **{name: of.facts for name, of in groups.events.items()}, **split}


def hot_fact(entity: Sequence[str]) -> str:
    """The name under which the facts say how many keys of an entity were cut by time, and into how many slices."""
    return f"hot {', '.join(entity)}"
