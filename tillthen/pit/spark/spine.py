"""The step that inspects: the spine's names, its keys and its times, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql import functions as F

from tillthen.define.faults.errors import DataContractError, DefinitionError, did_you_mean, sentence
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import Window
from tillthen.pit.kernel.timeline import FAR
from tillthen.pit.partition.stage import AS_OF
from tillthen.pit.spark.asked import Asked
from tillthen.pit.spark.columns import column
from tillthen.pit.spark.entity import Entity, bucket, key_columns
from tillthen.pit.spark.keys import inexact_in
from tillthen.sources.reading.keys import refuse_keys
from tillthen.sources.reading.times import unix_micros

OnNullTime = Literal["refuse", "keep"]
FIRST, LAST, NUMBER, BUCKET = "__first", "__last", "__number", "__bucket"


def check_names(spine: DataFrame, sets: Sequence[FeatureSet], as_of: str) -> None:
    """Refuse names that clash or are reserved, and a spine without the columns and keys that the sets need."""
    names = [*spine.columns, *(name for group in sets for name in group.feature_names)]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise DefinitionError(sentence(f"The name '{name}' is used twice in the spine and its features",
                                           fix="Name one of them with .named(...)."))  # fmt: skip
        if name.startswith("__"):
            raise DefinitionError(sentence(f"The name '{name}' begins with '__', which is reserved",
                                           fix="Rename the column."))  # fmt: skip
    wanted = {as_of: "as_of"}
    for group in sets:
        wanted.update(dict.fromkeys(group.entity, f"entity of '{group.name}'"))
        wanted.update({group.within_tie: f"within_tie of '{group.name}'"} if group.within_tie else {})
        wanted.update({str(group.source.id): f"id of '{group.name}'"} if group.exclude_self else {})
    for name, role in wanted.items():
        if name not in spine.columns:
            raise DataContractError(sentence(f"The spine lacks '{name}', the {role}",
                                             fix=did_you_mean(name, spine.columns)))  # fmt: skip
    for group in sets:
        refuse_keys([*inexact_in(spine.schema, group)])
        _check_derived(group, spine.columns)


def _check_derived(group: FeatureSet, columns: Sequence[str]) -> None:
    for name, reader in group.spine_reads.items():
        if name not in columns:
            raise DataContractError(
                sentence(f"Feature set '{group.name}': '{reader}' reads '{name}', which is no feature of the set "
                         "and no column of the spine", fix=did_you_mean(name, [*group.feature_names, *columns]))
            )  # fmt: skip


def _incomplete(sets: Sequence[FeatureSet]) -> dict[str, Column]:
    """For each source that declares since when it is complete, how many rows have a window that reaches before."""
    counts = {}
    for source in dict.fromkeys(group.source for group in sets if group.source.complete_from is not None):
        windows = [feature.window for group in sets if group.source == source for feature in group.declared]
        assert source.complete_from is not None
        start = unix_micros(source.complete_from)
        reach = [window.reach for window in windows]
        bounds = [min(span, FAR) for span in reach if span is not None]
        before = F.col(AS_OF) < start + max(bounds) if len(bounds) == len(reach) else F.col(AS_OF).isNotNull()
        counts[f"incomplete_{source.name}"] = F.count_if(before)
    return counts


@dataclass(frozen=True)
class Inspected:
    """What was counted of a spine, and its first and last ``as_of`` in microseconds, None where it has none.

    ``crowded`` are for each entity the buckets (`tillthen.pit.spark.entity.bucket`) in which more rows meet than a task
    may hold.
    """

    asked: Asked
    facts: dict[str, int]
    crowded: dict[Entity, list[int]]
    first: int | None
    last: int | None

    def seen(self, windows: Sequence[Window]) -> tuple[int | None, int | None]:
        """The first and the last instant that some window of some row reaches; None is no bound."""
        if self.first is None or self.last is None:
            return None, None
        reaches = [window.reach for window in windows]
        bounded = [min(reach, FAR) for reach in reaches if reach is not None]
        ahead = max(min(window.length.micros, FAR) if window.ahead and window.length else 0 for window in windows)
        return self.first - max(bounded) if len(bounded) == len(reaches) else None, self.last + ahead


def inspect(asked: Asked, on_null_time: OnNullTime) -> Inspected:
    """Check the spine's names, and count its rows, its nulls, and where too many rows of a key may meet, in one job.

    Null ``as_of`` is refused unless kept.
    """
    check_names(asked.bare, asked.sets, asked.as_of.name)
    inspected = _counted(asked)
    if inspected.facts["null_as_of"] and on_null_time == "refuse":
        raise DataContractError(_null_times(asked, inspected.facts))
    return inspected


def _counted(asked: Asked) -> Inspected:
    entities, spine = [*asked.limits], asked.timed
    counts = {
        "rows": F.count("*"),
        "null_as_of": F.count_if(F.col(AS_OF).isNull()),
        **{f"null_{key}": F.count_if(column(key).isNull()) for key in dict.fromkeys(chain(*entities))},
        **_incomplete(asked.sets),
    }
    names = {name: f"__count{i}" for i, name in enumerate(counts)}
    of_buckets = _by_bucket(spine, entities).agg(
        *[count.alias(names[name]) for name, count in counts.items()],
        F.min(AS_OF).alias(FIRST),
        F.max(AS_OF).alias(LAST),
    )
    number = F.col(NUMBER)
    crowds = [
        F.when((number == i) & (F.col(names["rows"]) > limit), F.col(BUCKET))
        for i, limit in enumerate(asked.limits.values())
    ]
    found = of_buckets.agg(
        *[F.coalesce(F.sum(F.when(number == 0, F.col(name))), F.lit(0)).alias(name) for name in names.values()],
        F.min(FIRST).alias(FIRST),
        F.max(LAST).alias(LAST),
        *[F.collect_list(crowd).alias(f"{BUCKET}{i}") for i, crowd in enumerate(crowds)],
    ).first()
    assert found is not None
    crowded = {entity: found[f"{BUCKET}{i}"] for i, entity in enumerate(entities)}
    return Inspected(asked, {name: found[at] for name, at in names.items()}, crowded, found[FIRST], found[LAST])


def _null_times(asked: Asked, facts: Mapping[str, int]) -> str:
    nulls = asked.timed.where(F.col(AS_OF).isNull()).drop(AS_OF)
    examples = [row.asDict() for row in nulls.limit(3).collect()]
    return sentence(
        f"The spine's '{asked.as_of.name}' is null in {facts['null_as_of']} of {facts['rows']} rows, for example "
        f"{examples}",
        fix="Remove them, or pass on_null_time='keep' to keep them without features.",
    )


def _by_bucket(spine: DataFrame, entities: Sequence[Entity]) -> GroupedData:
    """The spine's rows by bucket, once for each entity."""
    buckets = [bucket(key_columns(spine, entity)) for entity in entities] or [F.lit(None).cast("int")]
    if len(buckets) == 1:
        rows = spine.withColumns({NUMBER: F.lit(0), BUCKET: buckets[0]})
    else:
        rows = spine.select("*", F.posexplode(F.array(*buckets)).alias(NUMBER, BUCKET))
    return rows.groupBy(NUMBER, BUCKET)
