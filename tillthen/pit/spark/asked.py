"""What is asked of the engine: a spine, the instants of its decisions, and the features that it is to get."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import Column, DataFrame

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.stage import AS_OF
from tillthen.pit.partition.task_sizes import rows_a_task
from tillthen.pit.spark.columns import column
from tillthen.pit.spark.entity import Entity
from tillthen.sources.reading.times import micros


@dataclass(frozen=True)
class AsOf:
    """The spine's column that holds the instant of the decision, and how one without a zone and a DATE are read."""

    name: str
    timezone: str | None = None
    date_is: str = "end"

    def micros(self, spine: DataFrame) -> Column:
        """The instants; an ambiguous local time is the earlier."""
        return micros(column(self.name), spine.schema[self.name].dataType, self.timezone, self.date_is, "earlier")


@dataclass(frozen=True)
class Asked:
    """A question as it was put.

    ``columns`` of ``spine`` are the spine; the others serve sources that are given as the very same frame. A task is to
    hold about ``slice_rows`` rows of a key, fewer where features are long lists.
    """

    spine: DataFrame
    columns: tuple[str, ...]
    sets: tuple[FeatureSet, ...]
    as_of: AsOf
    slice_rows: int

    @cached_property
    def bare(self) -> DataFrame:
        """The spine alone."""
        return self.spine.select(*map(column, self.columns))

    @cached_property
    def timed(self) -> DataFrame:
        """The spine with its instants in microseconds, in `AS_OF`."""
        return self.spine.select(*map(column, self.columns), self.as_of.micros(self.spine).alias(AS_OF))

    @cached_property
    def limits(self) -> dict[Entity, int]:
        """By entity how many rows of a key a task may hold."""
        entities = dict.fromkeys(group.entity for group in self.sets)
        return {entity: rows_a_task([group for group in self.sets if group.entity == entity], self.slice_rows)
                for entity in entities}  # fmt: skip

    @property
    def derived(self) -> dict[str, str]:
        """The derived columns of all feature sets, by name."""
        return {name: text for group in self.sets for name, text in group.derived.items()}
