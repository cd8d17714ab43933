"""The frame of a stage: spine rows and events together, told apart by which struct columns are not null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import IntegralType, StructType

from tillthen.define.feature_set import FeatureSet
from tillthen.pit.columns import check_types, column, event_columns, prepared, row_logic
from tillthen.pit.hot import TIME, HotKeys, cut, here_column, key_hash, place
from tillthen.pit.stage import AS_OF, SPINE, Stage, Stream, key_column
from tillthen.sources.clock import EVENT_TIME
from tillthen.sources.schema import check_key_types

IS_SPINE = here_column(SPINE)
"""Where a spine has this column, its rows are spine rows only where it is true, and events alone elsewhere."""


@dataclass(frozen=True)
class Member:
    """A feature set of a stage with the prepared events of its source.

    ``own`` names the column in which the spine carries them, where they are its own rows.
    """

    group: FeatureSet
    events: DataFrame
    own: str | None = None


def stage_frame(spine: DataFrame, members: Sequence[Member]) -> tuple[Stage, DataFrame]:
    """The stage of feature sets that share an entity, and its rows: sets that share a source share its events' rows."""
    entity = members[0].group.entity
    for member in members:
        logic = row_logic(member.group, member.events)
        check_key_types(spine.schema, logic.schema, entity)
        check_types(member.group, logic)
    streams = tuple(stream_of(member.group, f"__events{i}") for i, member in enumerate(members))
    own = {member.own: stream.column for member, stream in zip(members, streams, strict=True) if member.own}
    rest = F.struct(*[column(name) for name in spine.columns if name not in own and name != IS_SPINE])
    frame = spine.select(
        *key_columns(spine.schema, entity),
        (F.when(F.col(IS_SPINE), rest) if IS_SPINE in spine.columns else rest).alias(SPINE),
        *[column(name).alias(stream) for name, stream in own.items()],
    )
    further = [(member, stream) for member, stream in zip(members, streams, strict=True) if not member.own]
    for together in _by_source(further):
        frame = frame.unionByName(_events(together), allowMissingColumns=True)
    return Stage(entity, streams), frame


def _by_source(members: Sequence[tuple[Member, Stream]]) -> list[list[tuple[Member, Stream]]]:
    """Members whose events are rows of one source under one key."""
    found: dict[tuple[object, ...], list[tuple[Member, Stream]]] = {}
    for member, stream in members:
        columns = dict(member.group.rows.columns)
        found.setdefault((member.group.source, *(columns[key] for key in member.group.entity)), []).append(
            (member, stream)
        )
    return list(found.values())


def _events(members: Sequence[tuple[Member, Stream]]) -> DataFrame:
    """The rows of one source that are events of any of its streams, by key, with a column for each stream."""
    first = members[0][0]
    structs = {stream.column: (member.group, stream) for member, stream in members}
    rows = event_columns(first.events, structs, prepared)
    present = rows.where(" OR ".join(f"{name} IS NOT NULL" for name in structs))
    logic = dict(first.group.rows.columns)
    keyed = present.select(*[F.expr(logic[key]).alias(key) for key in first.group.entity], *structs)
    return keyed.select(*key_columns(keyed.schema, first.group.entity), *structs)


def key_times(spine: DataFrame, members: Sequence[Member]) -> list[DataFrame]:
    """Key and time of every row that `stage_frame` holds, without the rows; ``spine`` may lack features."""
    entity = members[0].group.entity
    frames = [spine.select(*key_columns(spine.schema, entity), F.col(AS_OF).alias(TIME))]
    for together in _by_source([(member, stream_of(member.group, "")) for member in members if not member.own]):
        logic = row_logic(together[0][0].group, together[0][0].events)
        frames.append(logic.select(*key_columns(logic.schema, entity), F.col(EVENT_TIME).alias(TIME)))
    return frames


def by_key(frame: DataFrame, stage: Stage, partitions: int, hot: HotKeys | None) -> DataFrame:
    """All rows of a key in one partition, but hot keys by slices; rows without a key are spread by their ``as_of``."""
    by_hash = row_hash([F.col(key_column(i)) for i in range(len(stage.keys))], F.col(f"{SPINE}.{AS_OF}"))
    if hot:
        return place(cut(frame, stage, hot), partitions, len(hot.slices), by_hash)
    return frame.repartition(partitions, by_hash)


def row_hash(keys: Sequence[Column], as_of: Column) -> Column:
    """A number by which rows are placed: their key's, or their ``as_of``'s where they have none."""
    return F.coalesce(key_hash(keys), F.xxhash64(as_of))


def key_columns(schema: StructType, entity: Sequence[str]) -> list[Column]:
    """An entity's columns under internal names; integers widened, so that equal keys have equal hashes."""
    columns = []
    for i, key in enumerate(entity):
        wide = isinstance(schema[key].dataType, IntegralType)
        columns.append((column(key).cast("bigint") if wide else column(key)).alias(key_column(i)))
    return columns


def stream_of(group: FeatureSet, name: str) -> Stream:
    """A feature set's events as the worker finds them, in the column of this name."""
    texts = [text for feature in group.declared for text in (feature.column, feature.where) if text]
    sequence = tuple(f"__order{i}" for i in range(len(group.source.sequence)))
    complete = group.source.complete_from if group.source.incomplete_windows == "null" else None
    return Stream(
        name=group.name,
        column=name,
        entity=group.entity,
        features=tuple(group.declared),
        values=tuple(dict.fromkeys(texts)),
        order=(*sequence, *(name for name in group.rows.names if name not in group.entity)),
        id=group.source.id if group.exclude_self else None,
        tie=group.within_tie,
        complete_from=None if complete is None else unix_micros(complete),
        known_at_once=group.source.known_at_once,
        known_for_ever=group.source.known_for_ever,
    )


def unix_micros(time: datetime) -> int:
    """A time with a zone as microseconds since the epoch."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
