"""The step that puts together: the spine and events in one frame, with columns that say which is what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.pit.partition.stage import AS_OF, SPINE, Stage, field_column
from tillthen.pit.spark.columns import check_types, column, event_columns, prepared, row_logic
from tillthen.pit.spark.entity import Entity, key_columns
from tillthen.pit.spark.grouped import Group
from tillthen.pit.spark.keys import compared
from tillthen.pit.spark.members import Member, by_source, of_stream
from tillthen.pit.spark.slices import here_column
from tillthen.runtime.texts_as_times import refuse_times_of_text
from tillthen.sources.events.clock import EVENT_TIME
from tillthen.sources.reading.keys import refuse_keys

TIME = "__time"
IS_SPINE = here_column(SPINE)
"""Where a spine has this column, its rows are spine rows only where it is true, and events alone elsewhere."""


@dataclass(frozen=True)
class Spine:
    """The spine on its way: `AS_OF`, its columns, the features made so far, and the events that its rows are.

    All rows of a key of the entity ``placed_by`` are in one partition already, or in those of its slices.
    """

    frame: DataFrame
    placed_by: Entity | None = None


@dataclass(frozen=True)
class StageRows:
    """A stage's rows. Those of the spine have its columns, ``kept``; those that are events those of their streams.

    The column `SPINE` says which rows are the spine's, true or not; without it all are. Where they are ``placed``, all
    rows of a key are in one partition, or in those of its slices.
    """

    group: Group
    rows: DataFrame
    kept: tuple[str, ...]
    placed: bool

    @property
    def stage(self) -> Stage:
        """What the workers are told of it."""
        return Stage(self.group.entity, tuple(member.stream for member in self.group.members))

    @property
    def read(self) -> dict[str, str]:
        """The columns that the worker takes, by the names under which it takes them."""
        own = {name: name for name in self.rows.columns if name not in self.kept}
        return own | {field_column(SPINE, name): name for name in self.stage.spine_fields}


def put_together(on_the_way: Spine, group: Group) -> StageRows:
    """The spine and the events beside it in one frame, by key; sets of one source share its events' rows."""
    spine, members = on_the_way.frame, group.members
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
    rows = spine.select(*map(column, kept), *key_columns(spine, group.entity), *is_spine, *map(column, own))
    for together in by_source(further):
        rows = rows.unionByName(_events(together), allowMissingColumns=True)
    return StageRows(group, rows, kept, placed=on_the_way.placed_by == group.entity)


def _refuse_times_of_text(member: Member, logic: DataFrame) -> None:
    group, where = member.group, f"Feature set '{member.group.name}'"
    condition = [group.rows.condition] if group.rows.condition else []
    refuse_times_of_text(member.events, [*condition, *(text for _, text in group.rows.columns)], where)
    refuse_times_of_text(logic, [text for one in group.declared for text in (one.column, one.where) if text], where)


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
    """Key and time of every row that `put_together` holds, without the rows; ``spine`` may lack features."""
    entity = members[0].group.entity
    frames = [spine.select(*key_columns(spine, entity), F.col(AS_OF).alias(TIME))]
    for together in by_source([member for member in members if not member.own]):
        logic = row_logic(together[0].group, together[0].events)
        frames.append(logic.select(*key_columns(logic, entity), F.col(EVENT_TIME).alias(TIME)))
    return frames
