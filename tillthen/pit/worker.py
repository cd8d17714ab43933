"""One partition of a stage: Arrow batches of whole keys in, the features of its rows out.

Nothing here knows Spark. Rows arrive in any order and in any batches; a key is never split between partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tillthen.pit.sorting import encode_keys
from tillthen.pit.stage import SPINE, Stage, field_column, key_column
from tillthen.pit.streams import SpineRows, stream_features
from tillthen.runtime.arrays import Bools

OUTPUT_ROWS = 32_000


@dataclass(frozen=True)
class Part:
    """The rows of one kind in a partition: which of all rows they are, their key columns and their fields."""

    here: Bools
    keys: list[pa.Array]
    fields: pa.StructArray


def run(stage: Stage, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.StructArray]:
    """For every row of the partition, in its order, the stage's features; null for a row that is an event alone."""
    parts = split(stage, batches)
    if not parts:
        return
    spine_part, *events = parts
    here = spine_part.here
    made = _spread(_features(stage, spine_part, events), here) if here.any() else pa.nulls(len(here))
    for first in range(0, len(made), OUTPUT_ROWS):
        yield made.slice(first, OUTPUT_ROWS)


def _features(stage: Stage, spine_part: Part, events: list[Part]) -> pa.StructArray:
    """The features of the spine's rows."""
    codes, keys = encode_keys([part.keys for part in (spine_part, *events)])
    spine = SpineRows.of(spine_part.fields, spine_part.keys, codes[0], keys)
    columns = [
        column
        for stream, part, key in zip(stage.streams, events, codes[1:], strict=True)
        for column in stream_features(stream, spine, part.fields, key)
    ]
    return pa.StructArray.from_arrays(columns, [feature.name for feature in stage.features])


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
    here, start = batch.column(kind), field_column(kind, "")
    columns = {name.removeprefix(start): batch.column(name) for name in batch.schema.names if name.startswith(start)}
    fields = pa.StructArray.from_arrays(list(columns.values()), list(columns))
    rows = here.to_numpy(zero_copy_only=False)
    if rows.all():
        return Part(rows, keys, fields)
    return Part(rows, [key.filter(here) for key in keys], fields.filter(here))


def _joined(parts: list[Part]) -> Part:
    keys = [pa.concat_arrays(chunks) for chunks in zip(*(part.keys for part in parts), strict=True)]
    return Part(np.concatenate([part.here for part in parts]), keys, pa.concat_arrays([part.fields for part in parts]))
