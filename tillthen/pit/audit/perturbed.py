"""The engine asked again: with rows added that nobody could know, and at moments around an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.pit.audit.sample import Sample
from tillthen.pit.oracle.lives import Event, Row
from tillthen.pit.spark.engine import compute
from tillthen.runtime.failures import worker_errors
from tillthen.sources.reading.times import EARLIEST, LATEST

FAR = "9999-12-31"


def moments(lives: Sequence[Event], as_of: int) -> list[int]:
    """Instants around the latest event that has happened by ``as_of``, within the calendar.

    They are 1 us before, at and 1 us after its event time, and 1 us before and at the instants from which it is known
    and no longer is.
    """
    event = max((event for event in lives if event.time <= as_of), key=lambda event: event.time, default=None)
    if event is None:
        return []
    changes = [event.time, event.time + 1, event.known, *([] if event.until is None else [event.until])]
    found = dict.fromkeys(moment for change in changes for moment in (change - 1, change))
    return [moment for moment in found if EARLIEST <= moment <= LATEST]


def answers(sample: Sample, group: FeatureSet, frame: DataFrame, asked: Sequence[tuple[int, int]]) -> list[Row]:
    """What the engine says for pairs of a sample's row and an ``as_of``, in their order.

    The source's rows are in ``frame``, and all of them once more with a new id: happening at the end of the calendar,
    becoming known then, and landing then.
    """
    source = group.source
    tie = [group.within_tie] if group.within_tie else []
    own = [source.id] if source.id and group.exclude_self else []
    rows, as_of = [row for row, _ in asked], [at for _, at in asked]
    numbered = sample.take(rows, [*group.entity, *tie, *own], row=range(len(asked)), moved_as_of=as_of)
    spine = numbered.withColumn("@moved_as_of", F.timestamp_micros("@moved_as_of"))
    spine = spine.withColumns({_text(name): _column(name).cast("string") for name in own})
    alone = replace(source, id=_text(source.id) if source.id else None, columns={}, money={}, expect=())
    sets = [replace(group, source=alone)]
    with worker_errors():
        found = compute(spine, sets, {source.name: _with_later_rows(frame, source)}, as_of="@moved_as_of")
        return sorted(found.frame.toArrow().to_pylist(), key=lambda row: row["@row"])


def _with_later_rows(frame: DataFrame, source: Source) -> DataFrame:
    """Ids become texts, so that new ones can be made of any."""

    def copies(name: str) -> DataFrame:
        changed = {name: F.lit(FAR).cast(frame.schema[name].dataType)}
        if source.retracted_time:
            changed[source.retracted_time] = F.lit(None).cast(frame.schema[source.retracted_time].dataType)
        if source.id:
            number = F.monotonically_increasing_id()
            changed[_text(source.id)] = F.concat_ws("@", _column(source.id).cast("string"), F.lit(name), number)
        return frame.withColumns(changed)

    named = frame.withColumns({_text(source.id): _column(source.id).cast("string")} if source.id else {})
    later = copies(source.event_time)
    for name in filter(None, (source.known_time, source.landed_time)):
        later = later.unionByName(copies(name))
    return named.unionByName(later)


def _text(name: str) -> str:
    return f"@{name}"


def _column(name: str) -> Column:
    return F.col(quoted(name))
