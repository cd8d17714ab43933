"""The rows of a feature table: a source's events, or its active keys day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from tillthen.define.arguments.duration import ZERO
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Snapshots, Spine
from tillthen.pit.spark.asked import AsOf
from tillthen.sources.events.clock import EVENT_TIME, KNOWN_FROM, KNOWN_TO, first_seen
from tillthen.sources.events.money import read_columns
from tillthen.sources.events.prepared import Events, prepare
from tillthen.sources.reading.pruning import happened_between
from tillthen.sources.reading.schema import check_columns, declared_types
from tillthen.sources.reading.times import DAY, LATEST, Prefer, micros, saturated
from tillthen.tables.days import ONE, Days

NOT_OVER = "not_over"
"""Rows of days that were not over when the table was built whole: they are built when these are."""


def spine_rows(
    frame: DataFrame, spine: Spine | Snapshots, further: Sequence[str] = (), days: Days | None = None,
    until: date | None = None,
) -> Events:  # fmt: skip
    """The spine's rows, of some days or of all until one, with its columns and ``further`` ones, and what was counted.

    Snapshots have no days of their own: they need ``days``.
    """
    if isinstance(spine, Snapshots):
        assert days is not None, "snapshots have no days of their own"
        return _snapshots(frame, spine, days)
    made = _decisions(frame, spine, further, days)
    return made if days or until is None else _until(made, frame, spine, until)


def _until(made: Events, frame: DataFrame, spine: Spine, until: date) -> Events:
    """Without the rows of later days, which are counted."""
    _, last = Days(until, until).micros
    later = _instants(happened_between(frame, _dated(spine), last + 1, LATEST), spine)
    count = later.where(F.col(EVENT_TIME) > last).count()
    facts = {**made.facts, NOT_OVER: count}
    return Events(made.frame.where(as_of_micros(made.frame, spine) <= last) if count else made.frame, facts)


def _decisions(frame: DataFrame, spine: Spine, further: Sequence[str], days: Days | None) -> Events:
    """One row for each id of the source's table.

    A decision was made whatever became of its event later: retracted and deleted ones stay, and of several versions
    the first that was known counts. What landed after its day could be built is left out, whenever it claims to have
    been known: a night of that day could not see it. Where the source does not say how long a day's rows take to land,
    they land on that day. A null ``as_of`` is refused.
    """
    known_time = spine.source.known_time if spine.source.versions else None
    event_date = spine.source.event_date if spine.as_of == spine.source.event_time else None
    landing = (spine.source.landing or ZERO) if spine.source.landed_time else None
    source = replace(spine.source, event_time=spine.as_of, known_time=known_time, delay=ZERO, retracted_time=None,
                     deleted=None, event_date=event_date, landing=landing, expect=())  # fmt: skip
    columns = tuple(dict.fromkeys((*spine.columns, *further)))
    table = frame if days is None else happened_between(frame, source, *days.micros)
    events = prepare(table, source, columns)
    _refuse_null_times(frame, spine, events.facts)
    rows, as_of = events.frame, as_of_micros(events.frame, spine)
    if source.landed_time is not None:
        rows = rows.where(first_seen(rows, source) <= as_of)
    if source.versions:
        rows = first_versions(rows, str(source.id), KNOWN_FROM)
    if days is not None:
        first, last = days.micros
        rows = rows.where(as_of.between(first, last))
    return Events(rows.select(*[F.col(quoted(name)) for name in columns]), events.facts)


def _snapshots(frame: DataFrame, spine: Snapshots, days: Days) -> Events:
    """The keys that are active on each day; an event makes its key active on every day that sees it."""
    first, last = (moment + spine.at.micros for moment in (days.micros[0], days.micros[1] - DAY + 1))
    events = prepare(happened_between(frame, spine.source, first - spine.active.micros, last), spine.source,
                     spine.entity)  # fmt: skip
    known, until = (saturated(F.col(end), first, last + 1) for end in (KNOWN_FROM, KNOWN_TO))
    start = F.greatest(known, F.col(EVENT_TIME) + 1)
    end = F.least(F.col(EVENT_TIME) + spine.active.micros, until - 1, F.lit(last))
    days_seen = [_day_of(bound, spine.at.micros, up) for bound, up in ((start, True), (end, False))]
    keys = [F.col(quoted(key)) for key in spine.entity]
    present = events.frame.where(" AND ".join(f"{quoted(key)} IS NOT NULL" for key in spine.entity))
    spans = present.select(*keys, days_seen[0].alias("__from"), days_seen[1].alias("__to")).where("__from <= __to")
    rows = spans.select(*keys, F.explode(F.sequence("__from", "__to")).alias("__day")).distinct()
    as_of = F.timestamp_micros(F.col("__day") * DAY + spine.at.micros).alias(spine.as_of)
    return Events(rows.select(*keys, as_of), events.facts)


def _day_of(instant: Column, at: int, up: bool) -> Column:
    """The first day whose ``as_of`` is not before an instant, or the last whose is not after it."""
    moved = instant - at + (DAY - 1 if up else 0)
    return ((moved - F.pmod(moved, F.lit(DAY))) / DAY).cast("bigint")


def spine_days(frame: DataFrame, spine: Spine | Snapshots, until: date) -> list[date]:
    """The days until one that have rows; of snapshots all from the first event's to the last event's."""
    days = _instants(frame, spine).select(F.to_date(F.timestamp_micros(EVENT_TIME)).alias("day"))
    found = sorted(row.day for row in days.where(F.col("day") <= until).distinct().collect())
    return list(Days(found[0], found[-1])) if isinstance(spine, Snapshots) and found else found


def refuse_unarrived(frame: DataFrame, spine: Spine | Snapshots, days: Days, now: datetime) -> None:
    """Refuse days that the spine's source has not reached: what came later would be left out of them.

    Rows of the future, with a wrong clock, say nothing of what has arrived.
    """
    # Snapshots are of what happened before them.
    reached = days.last - ONE if isinstance(spine, Snapshots) else days.last
    # Few files where it has arrived; all, for the message, where it has not.
    near = happened_between(frame, _dated(spine), Days(reached, reached).micros[0], None)
    if (_newest_day(near, spine, now) or date.min) >= reached:
        return
    raise DataContractError(
        sentence(f"Source '{spine.source.name}' has not arrived: days up to {days.last} are wanted, and its newest "
                 f"'{_time(spine)}' is of {_newest_day(frame, spine, now) or 'no day'}",
                 fix="Run again when it is there.")
    )  # fmt: skip


def _newest_day(frame: DataFrame, spine: Spine | Snapshots, now: datetime) -> date | None:
    past = _instants(frame, spine).where(F.timestamp_micros(EVENT_TIME) <= F.lit(now))
    newest = past.agg(F.to_date(F.timestamp_micros(F.max(EVENT_TIME))).alias("day")).first()
    assert newest is not None, "an aggregation without keys has a row"
    day: date | None = newest.day
    return day


def _time(spine: Spine | Snapshots) -> str:
    """The source's column that says on which days there are rows."""
    return spine.source.event_time if isinstance(spine, Snapshots) else spine.as_of


def _dated(spine: Spine | Snapshots) -> Source:
    """The spine's source with this column as its time, for reading some of its days."""
    source, name = spine.source, _time(spine)
    return replace(
        source, event_time=name, event_date=source.event_date if name == source.event_time else None, expect=()
    )


def _instants(frame: DataFrame, spine: Spine | Snapshots) -> DataFrame:
    """When the rows of the spine's source were decided, or happened, in microseconds, as `EVENT_TIME`."""
    source, name = spine.source, _time(spine)
    check_columns(frame, source, [name], f"Source '{source.name}'")
    rows = read_columns(frame, source, [name], declared_types(frame, source))
    prefer: Prefer = "later" if isinstance(spine, Snapshots) else "earlier"
    instant = micros(F.col(quoted(name)), rows.schema[name].dataType, source.timezone, source.date_is, prefer)
    return rows.select(instant.alias(EVENT_TIME))


def as_of_date(frame: DataFrame, spine: Spine | Snapshots) -> Column:
    """The day in UTC of a row's ``as_of``."""
    return F.to_date(F.timestamp_micros(as_of_micros(frame, spine)))


def as_of_micros(frame: DataFrame, spine: Spine | Snapshots) -> Column:
    """A row's ``as_of`` in microseconds since the epoch: of a DATE the instant that the source declares."""
    return AsOf(spine.as_of, spine.source.timezone, spine.source.date_is).micros(frame)


def first_versions(events: DataFrame, id: str, by: str) -> DataFrame:
    """Of each id the version that comes first by a column."""
    order = F.row_number().over(Window.partitionBy(quoted(id)).orderBy(by))
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
