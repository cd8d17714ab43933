"""The engine without Spark: a world's rows as Arrow batches, spread over partitions, through the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tests.pit.properties.worlds import TYPES, Row, World
from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.oracle.lives import Event, events_of
from tillthen.pit.partition.stage import AS_OF, SPINE, Stage, Stream, field_column, key_column
from tillthen.pit.partition.worker import carry, run
from tillthen.pit.spark.members import stream_of


@dataclass(frozen=True)
class Layout:
    """How rows lie: over how many partitions, in batches of what size, shuffled how; whether the spine is carried."""

    partitions: int
    batch: int
    seed: Any
    carried: bool = False


layouts = st.builds(
    Layout, st.integers(1, 3), st.sampled_from([1, 3, 1000]), st.randoms(use_true_random=False), st.booleans()
)


def answer(world: World, layout: Layout) -> list[Row]:
    """What the engine says, in the spine's order."""
    entity = world.sets[0].entity
    stage = Stage(entity, tuple(stream_of(group, f"__events{i}") for i, group in enumerate(world.sets)))
    events = events_of(world.source, world.rows)
    spine_type = pa.struct([("row", pa.int64()), *((n, TYPES[n][1]) for n in ("card", "shop", "id", "place")),
                            (AS_OF, pa.int64())])  # fmt: skip
    types = {
        SPINE: spine_type,
        **{stream.column: _type(stream, g) for stream, g in zip(stage.streams, world.sets, strict=True)},
    }
    held = [field.name for field in spine_type if field.name != AS_OF]
    rows = [(SPINE, row, {name: row[name] for name in held} | {AS_OF: row["as_of"]}) for row in world.spine]
    for stream, group in zip(stage.streams, world.sets, strict=True):
        kept = [event for event in events if _kept(event, group)]
        rows += [(stream.column, event.row, _fields(stream, group, event)) for event in kept]
    layout.seed.shuffle(rows)
    parts: list[list[Any]] = [[] for _ in range(layout.partitions)]
    for row in rows:
        parts[hash(tuple(row[1][key] for key in entity)) % layout.partitions].append(row)
    answered = _carried if layout.carried else _answered
    found = [row for part in parts for row in answered(stage, part, _batches(part, entity, types, layout.batch))]
    return sorted(found, key=lambda row: row["row"])


def _answered(stage: Stage, part: Sequence[Any], batches: list[pa.RecordBatch]) -> list[Row]:
    """The spine's rows of a partition with what the worker says of them; of other rows it says nothing."""
    made = [features for piece in run(stage, batches) for features in piece.to_pylist()]
    assert all((features is None) == (kind != SPINE) for (kind, _, _), features in zip(part, made, strict=True))
    return [{**fields, **features} for (kind, _, fields), features in zip(part, made, strict=True) if kind == SPINE]


def _carried(stage: Stage, _: Sequence[Any], batches: list[pa.RecordBatch]) -> list[Row]:
    """The same where the worker gives the spine's rows with their features."""
    names = batches[0].schema.names if batches else []
    first = [name for name in names if name.startswith(field_column(SPINE, ""))]
    sent = [batch.select([*first, *(name for name in names if name not in first)]) for batch in batches]
    read = {name: sent[0].schema.names.index(name) for name in names}
    kept = [name.removeprefix(field_column(SPINE, "")) for name in first]
    return [row for piece in carry(stage, kept, read, sent) for row in piece.to_pylist()]


def _kept(event: Event, group: FeatureSet) -> bool:
    present = all(event.row[key] is not None for key in group.entity)
    return present and (group.rows.condition is None or event.row[group.rows.condition] is True)


def _order(stream: Stream, group: FeatureSet) -> dict[str, str]:
    """The fields of the order that are no values', each with its column."""
    names = (*group.source.sequence, *(name for name in group.rows.names if name not in group.entity))
    values = {stream.value_field(text) for text in stream.values}
    fields = {stream.order_field(at): name for at, name in zip(stream.order, names, strict=True)}
    return {at: name for at, name in fields.items() if at not in values}


def _type(stream: Stream, group: FeatureSet) -> pa.StructType:
    fields = {"time": pa.int64(), "from": pa.int64(), "to": pa.int64(), "id": pa.int64(), "tie": pa.int64()}
    fields |= {at: TYPES[name][1] for at, name in _order(stream, group).items()}
    fields = _of_clock(stream, fields)
    return pa.struct([*fields.items(), *((stream.value_field(text), TYPES[text][1]) for text in stream.values)])


def _fields(stream: Stream, group: FeatureSet, event: Event) -> Row:
    fields = _of_clock(stream, {"time": event.time, "from": event.known, "to": event.until})
    fields |= {"id": event.row["id"], "tie": event.row["place"]}
    fields |= {at: event.row[name] for at, name in _order(stream, group).items()}
    return fields | {stream.value_field(text): event.row[text] for text in stream.values}


def _of_clock(stream: Stream, fields: dict[str, Any]) -> dict[str, Any]:
    """Without the times that the clock of the stream's source does not have."""
    absent = {"from": stream.known_at_once, "to": stream.known_for_ever}
    return {name: value for name, value in fields.items() if not absent.get(name)}


def _batches(
    rows: Sequence[Any], entity: tuple[str, ...], types: dict[str, pa.DataType], size: int
) -> list[pa.RecordBatch]:
    keys = {key_column(i): name for i, name in enumerate(entity)}
    batches = []
    for first in range(0, len(rows), size):
        chunk = rows[first : first + size]
        columns = {name: pa.array([row[key] for _, row, _ in chunk], TYPES[key][1]) for name, key in keys.items()}
        for name, type_ in types.items():
            structs = pa.array([fields if kind == name else None for kind, _, fields in chunk], type_)
            fields = {field_column(name, field.name): column
                      for field, column in zip(type_, structs.flatten(), strict=True)}  # fmt: skip
            # As where rows of several kinds are put together: null says no, too.
            columns |= {name: pa.array([kind == name or None for kind, _, _ in chunk], pa.bool_()), **fields}
        batches.append(pa.record_batch(columns))
    return batches
