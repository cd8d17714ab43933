"""The rows of a feature table: each event of the spine's source, once."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from tillthen.define.duration import ZERO
from tillthen.define.errors import DataContractError, sentence
from tillthen.define.rows import quoted
from tillthen.define.table import Spine
from tillthen.sources.clock import KNOWN_FROM
from tillthen.sources.events import Events, prepare
from tillthen.sources.times import micros


def spine_rows(frame: DataFrame, spine: Spine) -> Events:
    """One row for each id of the source's table, with the spine's columns, and what was counted.

    A decision was made whatever became of its event later: retracted and deleted ones stay, and of several versions
    the first that was known counts. A null ``as_of`` is refused.
    """
    known_time = spine.source.known_time if spine.source.versions else None
    source = replace(spine.source, event_time=spine.as_of, known_time=known_time, delay=ZERO, retracted_time=None,
                     deleted=None)  # fmt: skip
    events = prepare(frame, source, spine.columns)
    _refuse_null_times(frame, spine, events.facts)
    rows = _first_versions(events.frame, str(source.id)) if source.versions else events.frame
    return Events(rows.select(*[F.col(quoted(name)) for name in spine.columns]), events.facts)


def as_of_date(frame: DataFrame, spine: Spine) -> Column:
    """The day in UTC of a row's ``as_of``."""
    as_of = micros(F.col(quoted(spine.as_of)), frame.schema[spine.as_of].dataType, spine.source.timezone,
                   "end", "earlier")  # fmt: skip
    return F.to_date(F.timestamp_micros(as_of))


def _first_versions(events: DataFrame, id: str) -> DataFrame:
    order = F.row_number().over(Window.partitionBy(quoted(id)).orderBy(KNOWN_FROM))
    return events.withColumn("__version", order).where("__version = 1")


def _refuse_null_times(frame: DataFrame, spine: Spine, facts: dict[str, int]) -> None:
    if not facts["null_event_time"]:
        return
    id = quoted(str(spine.source.id))
    examples = frame.where(F.col(quoted(spine.as_of)).isNull()).select(id).limit(3).collect()
    raise DataContractError(
        sentence(f"Source '{spine.source.name}': '{spine.as_of}', the spine's as_of, is null in "
                 f"{facts['null_event_time']} of {facts['rows']} rows, for example '{spine.source.id}' "
                 f"{', '.join(str(row[0]) for row in examples)}",
                 fix="Fill it in or remove the rows: there is no decision without a time.")
    )  # fmt: skip
