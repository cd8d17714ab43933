"""Feature sets with their events: what a stage is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.partition.stage import Stream, field_column
from tillthen.sources.reading.times import unix_micros


@dataclass(frozen=True)
class Member:
    """A feature set of a stage with the prepared events of its source, and its stream.

    Where the spine's rows are themselves these events, ``own``, the spine carries the stream's columns.
    """

    group: FeatureSet
    events: DataFrame
    stream: Stream
    own: bool = False


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


def of_stream(stream: Stream, columns: Sequence[str]) -> list[str]:
    """The columns among these that are a stream's."""
    return [name for name in columns if name == stream.column or name.startswith(field_column(stream.column, ""))]


def by_source(members: Sequence[Member]) -> list[list[Member]]:
    """Members whose events are rows of one source under one key."""
    found: dict[tuple[object, ...], list[Member]] = {}
    for member in members:
        columns = dict(member.group.rows.columns)
        found.setdefault((member.group.source, *(columns[key] for key in member.group.entity)), []).append(member)
    return list(found.values())
