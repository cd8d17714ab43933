"""The rows of a stage: the spine's and events together, with columns that say which is what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.stage import AS_OF, SPINE, Stage, Stream, field_column, key_column
from tillthen.pit.spark.columns import check_types, column, event_columns, prepared, row_logic
from tillthen.pit.spark.hot_keys import TIME, HotKeys, cut, here_column, key_hash, place
from tillthen.pit.spark.keys import compared
from tillthen.runtime.texts_as_times import refuse_times_of_text
from tillthen.sources.events.clock import EVENT_TIME
from tillthen.sources.reading.keys import refuse_keys, widened

IS_SPINE = here_column(SPINE)
"""Where a spine has this column, its rows are spine rows only where it is true, and events alone elsewhere."""


@dataclass(frozen=True)
class Member:
    """A feature set of a stage with the prepared events of its source, and its stream.

    Where the spine's rows are themselves these events, ``own``, the spine carries the stream's columns.
    """

    group: FeatureSet
    events: DataFrame
    stream: Stream
    own: bool = False


@dataclass(frozen=True)
class StageRows:
    """A stage's rows. Those of the spine have its columns, ``kept``; those that are events those of their streams.

    The column `SPINE` says which rows are the spine's, true or not; without it all are.
    """

    stage: Stage
    rows: DataFrame
    kept: tuple[str, ...]

    @property
    def read(self) -> dict[str, str]:
        """The columns that the worker takes, by the names under which it takes them."""
        own = {name: name for name in self.rows.columns if name not in self.kept}
        return own | {field_column(SPINE, name): name for name in self.stage.spine_fields}


def stage_rows(spine: DataFrame, members: Sequence[Member]) -> StageRows:
    """The stage of feature sets that share an entity, and its rows: sets that share a source share its events' rows."""
    entity = members[0].group.entity
    for member in members:
        logic = row_logic(member.group, member.events)
        refuse_keys([*compared(spine.schema, logic.schema, member.group)])
        check_types(member.group, logic)
        _refuse_times_of_text(member, logic)
    own = [name for member in members if member.own for name in of_stream(member.stream, spine.columns)]
    kept = tuple(name for name in spine.columns if name not in own and name != IS_SPINE)
    further = [member for member in members if not member.own]
    marked = IS_SPINE in spine.columns
    is_spine = [(F.col(IS_SPINE) if marked else F.lit(True)).alias(SPINE)] if marked or further else []
    rows = spine.select(*map(column, kept), *key_columns(spine, entity), *is_spine, *map(column, own))
    for together in _by_source(further):
        rows = rows.unionByName(_events(together), allowMissingColumns=True)
    return StageRows(Stage(entity, tuple(member.stream for member in members)), rows, kept)


def _refuse_times_of_text(member: Member, logic: DataFrame) -> None:
    group, where = member.group, f"Feature set '{member.group.name}'"
    condition = [group.rows.condition] if group.rows.condition else []
    refuse_times_of_text(member.events, [*condition, *(text for _, text in group.rows.columns)], where)
    refuse_times_of_text(logic, [text for one in group.declared for text in (one.column, one.where) if text], where)


def of_stream(stream: Stream, columns: Sequence[str]) -> list[str]:
    """The columns among these that are a stream's."""
    return [name for name in columns if name == stream.column or name.startswith(field_column(stream.column, ""))]


def _by_source(members: Sequence[Member]) -> list[list[Member]]:
    """Members whose events are rows of one source under one key."""
    found: dict[tuple[object, ...], list[Member]] = {}
    for member in members:
        columns = dict(member.group.rows.columns)
        found.setdefault((member.group.source, *(columns[key] for key in member.group.entity)), []).append(member)
    return list(found.values())


def _events(members: Sequence[Member]) -> DataFrame:
    """The rows of one source that are events of any of its streams, by key, with the columns of each stream."""
    group = members[0].group
    rows = event_columns(members[0].events, [(member.group, member.stream) for member in members], prepared)
    present = rows.where(" OR ".join(member.stream.column for member in members))
    logic = dict(group.rows.columns)
    columns = [column(name) for member in members for name in of_stream(member.stream, rows.columns)]
    keyed = present.select(*[F.expr(logic[key]).alias(key) for key in group.entity], *columns)
    names = [name for name in keyed.columns if name not in group.entity]
    return keyed.select(*key_columns(keyed, group.entity), *map(column, names))


def key_times(spine: DataFrame, members: Sequence[Member]) -> list[DataFrame]:
    """Key and time of every row that `stage_rows` holds, without the rows; ``spine`` may lack features."""
    entity = members[0].group.entity
    frames = [spine.select(*key_columns(spine, entity), F.col(AS_OF).alias(TIME))]
    for together in _by_source([member for member in members if not member.own]):
        logic = row_logic(together[0].group, together[0].events)
        frames.append(logic.select(*key_columns(logic, entity), F.col(EVENT_TIME).alias(TIME)))
    return frames


def by_key(found: StageRows, partitions: int, hot: HotKeys | None) -> StageRows:
    """All rows of a key in one partition, but hot keys by slices; rows without a key are spread by their ``as_of``."""
    keys = [key_column(i) for i in range(len(found.stage.keys))]
    by_hash = row_hash([F.col(key) for key in keys], F.col(AS_OF))
    if hot:
        sliced = cut(found.rows, found.kept, keys, found.stage.streams, hot)
        return replace(found, rows=place(sliced, partitions, len(hot.slices), by_hash))
    return replace(found, rows=found.rows.repartition(partitions, by_hash))


def row_hash(keys: Sequence[Column], as_of: Column) -> Column:
    """A number by which rows are placed: their key's, or their ``as_of``'s where they have none."""
    return F.coalesce(key_hash(keys), F.xxhash64(as_of))


def key_columns(frame: DataFrame, entity: Sequence[str]) -> list[Column]:
    """An entity's columns under internal names; integers widened, so that equal keys have equal hashes."""
    return [widened(frame, key).alias(key_column(i)) for i, key in enumerate(entity)]


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
