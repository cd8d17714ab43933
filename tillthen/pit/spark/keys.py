"""The spine's columns that are compared with a feature set's: its keys, and those of exclude_self and within_tie."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql.types import StructType

from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.spark.columns import OWN_ID, TIE
from tillthen.sources.reading.keys import Key, key_faults


def compared(spine: StructType, logic: StructType, group: FeatureSet) -> Iterator[str]:
    """What keeps a spine from being compared exactly with a feature set's row logic."""
    for what, ours, theirs in _pairs(group):
        here = Key(spine[ours].dataType, "the spine")
        yield from key_faults(what, here, Key(logic[theirs].dataType, "the source", _cast(group, theirs)))


def inexact_in(spine: StructType, group: FeatureSet) -> Iterator[str]:
    """What a spine has that no event can be compared with exactly, whatever the source has."""
    for what, ours, _ in _pairs(group):
        yield from key_faults(what, Key(spine[ours].dataType, "the spine"))


def inexact_of(logic: StructType, group: FeatureSet) -> Iterator[str]:
    """The same of a feature set's row logic, whatever the spine has."""
    for what, _, theirs in _pairs(group):
        yield from key_faults(what, Key(logic[theirs].dataType, f"source '{group.source.name}'", _cast(group, theirs)))


def _pairs(group: FeatureSet) -> Iterator[tuple[str, str, str]]:
    """What messages call it, the spine's column, and the row logic's."""
    yield from ((f"Key '{key}'", key, key) for key in group.entity)
    if group.exclude_self:
        yield f"Id '{group.source.id}' of exclude_self", str(group.source.id), OWN_ID
    if group.within_tie:
        yield f"Column '{group.within_tie}' of within_tie", group.within_tie, TIE


def _cast(group: FeatureSet, name: str) -> str:
    text = dict(group.rows.columns).get(name)
    return f"Select {name}='CAST({text} AS {{type}})' in '{group.name}'." if text else ""
