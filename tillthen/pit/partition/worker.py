"""One partition of a stage: Arrow batches of whole keys in, the features of its rows out.

Nothing here knows Spark. Rows arrive in any order and in any batches; a key is never split between partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.pit.kernel.aggregations import Made
from tillthen.pit.partition.chunks import Chunks
from tillthen.pit.partition.portions import most_rows, portions, sizes_of
from tillthen.pit.partition.sorting import blocks, encode_keys
from tillthen.pit.partition.stage import SPINE, Stage, field_column, key_column
from tillthen.pit.partition.streams import SortedStream, SpineRows
from tillthen.runtime.arrays import Bools, Ints, as_numpy, inverse

Block = tuple[Ints, list[Made]]
"""Which of a partition's spine rows, and their features."""


@dataclass(frozen=True)
class Part:
    """The rows of one kind in a partition: which of all rows they are, their key columns and their fields."""

    here: Bools
    keys: list[pa.Array]
    fields: dict[str, pa.Array]


def run(stage: Stage, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.StructArray]:
    """For every row of the partition, in its order, the stage's features; null for a row that is an event alone."""
    parts = split(stage, batches)
    if not parts:
        return
    here = parts[0].here
    if not here.any():
        yield from (pa.nulls(last - first) for first, last in portions(len(here)))
        return
    columns, at = _by_row(stage, parts)
    names = [feature.name for feature in stage.features]
    done = np.r_[0, np.cumsum(here)]
    for first, last in portions(len(here), _spread_sizes(columns, at, here), most_rows([], len(columns))):
        rows = at[done[first] : done[last]]
        made = pa.StructArray.from_arrays([column.taken(rows) for column in columns], names)
        yield _spread(made, here[first:last])


def carry(
    stage: Stage, kept: Sequence[str], read: Mapping[str, int], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The spine's rows of the partition with the stage's features, by key and time.

    The first columns of ``batches`` are the spine's, ``kept``; ``read`` says which one the worker takes as what.
    """
    held: list[list[pa.Array]] = [[] for _ in kept]

    def taken_from(batch: pa.RecordBatch) -> pa.RecordBatch:
        is_spine = pc.fill_null(batch.column(read[SPINE]), False) if SPINE in read else None
        for chunks, column in zip(held, batch.columns, strict=False):
            chunks.append(column if is_spine is None else column.filter(is_spine))
        return pa.RecordBatch.from_arrays([batch.column(i) for i in read.values()], names=list(read))

    parts = split(stage, map(taken_from, batches))
    if not parts or not parts[0].here.any():
        return
    columns = [Chunks.of(held.pop(0)) for _ in kept]
    sizes = sizes_of(columns)
    names = [*kept, *(feature.name for feature in stage.features)]
    for rows, features in _blocks(stage, parts):
        of_rows = None if sizes is None else sizes[rows]
        for first, last in portions(len(rows), of_rows, most_rows(features, len(kept))):
            made = [feature.slice(first, last - first) for feature in features]
            given = [column.taken(rows[first:last]) for column in columns]
            yield pa.RecordBatch.from_arrays([*given, *made], names=names)


def _blocks(stage: Stage, parts: list[Part]) -> Iterator[Block]:
    """The features of the spine's rows, block of keys by block, each by key and time; ``parts`` are used up."""
    spine, streams = _sorted(stage, parts)
    of_events = [stream.key for stream in streams]
    for first, last in blocks(spine.keys, spine.key, of_events, spine.as_of):
        rows = spine.rows_of(spine.order, first, last)
        if len(rows):
            yield rows, [column for stream in streams for column in stream.features(first, last, rows)]


def _sorted(stage: Stage, parts: list[Part]) -> tuple[SpineRows, list[SortedStream]]:
    """The spine's rows and the streams' events; ``parts`` are used up."""
    codes, keys = encode_keys([part.keys for part in parts])
    spine_part = parts.pop(0)
    spine = SpineRows.of(spine_part.fields, spine_part.keys, codes[0], keys)
    return spine, [SortedStream.of(stream, spine, parts.pop(0).fields, key)
                   for stream, key in zip(stage.streams, codes[1:], strict=True)]  # fmt: skip


def _by_row(stage: Stage, parts: list[Part]) -> tuple[list[Chunks], Ints]:
    """The features of the spine's rows by key and time, and where among them those of each row are."""
    placed: list[Ints] = []
    done: list[list[pa.Array]] = [[] for _ in stage.features]
    for rows, features in _blocks(stage, parts):
        placed.append(rows)
        for first, last in portions(len(rows), most=most_rows(features)):
            for chunks, feature in zip(done, features, strict=True):
                chunks.append(feature.slice(first, last - first))
    # One by one from the end, so that the memory of a feature's chunks serves those after it.
    return [Chunks.of(done.pop()) for _ in stage.features][::-1], inverse(np.concatenate(placed))


def _spread_sizes(columns: list[Chunks], at: Ints, here: Bools) -> Ints | None:
    """The bytes of all rows' features, of which the spine's alone have some."""
    sizes = sizes_of(columns)
    if sizes is None:
        return None
    found = np.zeros(len(here), dtype=np.int64)
    found[here] = sizes[at]
    return found


def _spread(features: pa.StructArray, here: Bools) -> pa.StructArray:
    """Values of some rows at their places among all."""
    return features if here.all() else features.take(pa.array(np.cumsum(here) - 1, mask=~here))


def split(stage: Stage, batches: Iterable[pa.RecordBatch]) -> list[Part]:
    """A partition's rows by kind, the spine first.

    Each batch is parted as it comes, so that the nulls that fill a row of one kind under the columns of the others
    are not kept.
    """
    names = [SPINE, *(stream.column for stream in stage.streams)]
    found: list[list[Part]] = [[] for _ in names]
    for batch in batches:
        keys = [batch.column(key_column(i)) for i in range(len(stage.keys))]
        for name, parts in zip(names, found, strict=True):
            parts.append(_present(keys, batch, name))
    return [_joined(parts) for parts in found if parts]


def _present(keys: list[pa.Array], batch: pa.RecordBatch, kind: str) -> Part:
    """The rows of a kind, which the column of its name says; those of the spine are all without it."""
    start = field_column(kind, "")
    fields = {name.removeprefix(start): batch.column(name) for name in batch.schema.names if name.startswith(start)}
    if kind not in batch.schema.names:
        return Part(np.ones(len(batch), dtype=bool), keys, fields)
    here = pc.fill_null(batch.column(kind), False)
    rows = as_numpy(here)
    if rows.all():
        return Part(rows, keys, fields)
    return Part(rows, [key.filter(here) for key in keys], {name: field.filter(here) for name, field in fields.items()})


def _joined(parts: list[Part]) -> Part:
    keys = [pa.concat_arrays(chunks) for chunks in zip(*(part.keys for part in parts), strict=True)]
    fields = {name: pa.concat_arrays([part.fields[name] for part in parts]) for name in parts[0].fields}
    return Part(np.concatenate([part.here for part in parts]), keys, fields)
