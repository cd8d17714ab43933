"""Where a feature table's columns come from: the source columns behind each, out of the definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tillthen.define.expressions.expression import parse
from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.rates import Converted
from tillthen.define.sources.source import Source
from tillthen.define.tables.table import FeatureTable

How = Literal["IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "FILTER", "WINDOW"]
DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
"""A value is made of the column; else the column decides which rows count."""


@dataclass(frozen=True, order=True)
class Origin:
    """A column of a source's table, and how a feature uses it."""

    table: str
    column: str
    how: How


def origins(table: FeatureTable) -> dict[str, list[Origin]]:
    """The origins of each column of a feature table, by name; those of a derived one are those of what it reads."""
    spine = table.spine
    found = {name: set(_of(spine.source, name, "IDENTITY")) for name in spine.columns}
    for group in table.feature_sets:
        for feature in group.declared:
            found[feature.name] = set(_feature(group, feature))
        for name, text in group.derived.items():
            found[name] = _derived(found, text)
    for name, text in table.derived.items():
        found[name] = _derived(found, text)
    return {name: sorted(reached) for name, reached in found.items()}


def _derived(found: dict[str, set[Origin]], text: str) -> set[Origin]:
    reached = {origin for name in parse(text).columns for origin in found.get(name, ())}
    return {Origin(one.table, one.column, "TRANSFORMATION" if one.how == "IDENTITY" else one.how) for one in reached}


def _feature(group: FeatureSet, feature: Feature) -> Iterable[Origin]:
    source = group.source
    yield from _behind(group, [feature.column] if feature.column else [], "AGGREGATION")
    yield from _behind(group, group.entity, "JOIN")
    conditions = [feature.where] if feature.where else []
    yield from _behind(group, conditions, "FILTER")
    for name in parse(group.rows.condition).columns if group.rows.condition else ():
        yield from _of(source, name, "FILTER")
    for name in source.clock_columns:
        yield from _of(source, name, "WINDOW")


def _behind(group: FeatureSet, texts: Iterable[str], how: How) -> Iterable[Origin]:
    """The source's columns behind expressions over a feature set's selection."""
    selected = dict(group.rows.columns)
    for text in texts:
        for name in parse(text).columns:
            for read in parse(selected[name]).columns if name in selected else (name,):
                yield from _of(group.source, read, how)


def _of(source: Source, column: str, how: How) -> Iterable[Origin]:
    """A source's column in its table; what a label says comes of both tables that it is made of."""
    made = source.made_of
    if isinstance(made, Converted):
        yield from (Origin(made.payments.table, name, how) for name in made.money_reads(column))
        yield from (Origin(made.rates.source.table, name, how) for name in made.reads if column in made.payments.money)
    elif not isinstance(made, LabelEvents):
        yield Origin(source.table, column, how)
    elif column not in (made.label.name, source.known_time):
        yield Origin(made.decisions.table, column, how)
    else:
        yield Origin(made.decisions.table, made.decisions.event_time, how)
        for read in made.label.reads:
            yield Origin(made.label.source.table, read, how)
