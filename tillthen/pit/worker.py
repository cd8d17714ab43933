"""One partition of a stage: Arrow batches of whole keys in, the spine's rows with their features out.

Nothing here knows Spark. Rows arrive in any order and in any batches; a key is never split between partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from tillthen.pit.sorting import encode_keys
from tillthen.pit.stage import SPINE, Stage, key_column
from tillthen.pit.streams import SpineRows, stream_features

OUTPUT_ROWS = 32_000


@dataclass(frozen=True)
class Part:
    """The rows of one kind in a partition: their key columns and their fields."""

    keys: list[pa.Array]
    fields: pa.StructArray


def run(stage: Stage, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The partition's spine rows with the stage's features behind the spine's own columns."""
    parts = split(stage, batches)
    if not parts or not len(parts[0].fields):
        return
    codes, keys = encode_keys([part.keys for part in parts])
    spine = SpineRows.of(parts[0].fields, codes[0], keys)
    names = [field.name for field in parts[0].fields.type] + [feature.name for feature in stage.features]
    columns = parts[0].fields.flatten()
    for stream, part, key in zip(stage.streams, parts[1:], codes[1:], strict=True):
        columns.extend(stream_features(stream, spine, part.fields, key))
    yield from pa.Table.from_arrays(columns, names=names).to_batches(max_chunksize=OUTPUT_ROWS)


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
            parts.append(_present(keys, batch.column(name)))
    return [_joined(parts) for parts in found if parts]


def _present(keys: list[pa.Array], fields: pa.StructArray) -> Part:
    if fields.null_count == 0:
        return Part(keys, fields)
    here = fields.is_valid()
    return Part([key.filter(here) for key in keys], fields.filter(here))


def _joined(parts: list[Part]) -> Part:
    keys = [pa.concat_arrays(chunks) for chunks in zip(*(part.keys for part in parts), strict=True)]
    return Part(keys, pa.concat_arrays([part.fields for part in parts]))
