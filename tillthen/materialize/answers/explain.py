"""A project's features explained: their definition in words, and one value by its events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import DefinitionError, UsageError, did_you_mean, sentence
from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.project import Project
from tillthen.materialize.description.describe import definition
from tillthen.materialize.planning.store import Store
from tillthen.materialize.rows.inputs import read_inputs
from tillthen.pit.audit.explain import Answer, Question, explain
from tillthen.pit.audit.nearby import Judged
from tillthen.pit.oracle.plain import PASSES
from tillthen.pit.spark.engine import hot_fact
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.session import spark_session


def find(project: Project, name: str) -> tuple[FeatureSet, Feature]:
    """The feature of that name and its set."""
    tables = project.tables.values()
    sets = [*project.feature_sets.values(), *(group for table in tables for group in table.feature_sets)]
    found = {feature.name: (group, feature) for group in sets for feature in group.declared}
    if name in found:
        return found[name]
    for group in sets:
        if name in group.derived:
            made_of = [read for read in parse(group.derived[name]).columns if read in group.feature_names]
            raise DefinitionError(
                sentence(f"'{name}' is {group.derived[name]}, of finished features of '{group.name}'",
                         fix=f"Explain what it is made of: {', '.join(made_of) or 'columns of the row'}.")
            )  # fmt: skip
    for table in tables:
        if name in table.derived or name in table.row_features:
            raise DefinitionError(
                sentence(f"'{name}' is {table.derived.get(name, name)}, of the own columns of a row of '{table.name}'",
                         fix="It has no window and no events.")
            )  # fmt: skip
    raise DefinitionError(sentence(f"The project declares no feature '{name}'", fix=did_you_mean(name, found)))


def words(group: FeatureSet, feature: Feature) -> list[str]:
    """The definition, a line for each thing that is said of it."""
    return [f"{about:<13} {text}" for about, text in definition(group, feature)]


def cuts(config: Config, project: Project, group: FeatureSet) -> list[str]:
    """What the newest run that built the set did about keys with very many rows; nothing where none has."""
    tables = [table for table in project.tables.values() if group.name in {one.name for one in table.feature_sets}]
    standing = {table.name: Store(config, table).ledger.days().values() for table in tables}
    # Runs are named by their drivers' clocks; which was the last, the tables' versions say.
    order = {(name, one.run_id): one.version or 0 for name, entries in standing.items() for one in entries}
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in (config.records / "_runs").glob("*/*.json")]
    built = [one for one in runs if one.get("table") in standing]
    if not built:
        return []
    last = max(built, key=lambda one: (order.get((one["table"], one["run_id"]), -1), one["run_id"]))
    hot, keys = last["facts"].get(hot_fact(group.entity)), ", ".join(group.entity)
    said = f"{hot['keys']} of {keys} cut by time, {hot['slices']} slices in all" if hot else f"no {keys} had to be cut"
    return [f"{'hot keys':<13} {said}, when {last['run_id']} built {last['table']}"]


def answer(config: Config, group: FeatureSet, feature: Feature, question: Question) -> Answer:
    """The value and its events, from the source's table as it is now."""
    source = group.source
    spark = spark_session(config.spark)
    with expression_errors(f"Feature '{feature.name}'"):
        return explain(read_inputs(spark, config, [source]).frames, group, feature, question)


def shown(feature: Feature, found: Answer, limit: int) -> list[str]:
    """The value, the events that made it and those just outside, at most ``limit`` of each."""
    return [
        f"{'value':<13} {found.value}",
        *_listed("events", feature, found.inside, limit),
        *_listed("just outside", feature, found.outside, limit),
    ]


def keys_of(group: FeatureSet, given: Sequence[str]) -> list[str]:
    """The entity's keys, in its order, out of ``name=value`` or, of a single one, its bare value.

    >>> from tillthen import Source, feature_set
    >>> @feature_set(source=Source("s", event_time="at"), entity="card")
    ... def pays(rows):
    ...     return rows.select("card")
    >>> keys_of(pays, ["a=b"]), keys_of(pays, ["card=a=b"])
    (['a=b'], ['a=b'])
    """
    named: Mapping[str, str] = dict(_named(group, text) for text in given)
    if set(named) != set(group.entity) or len(given) != len(group.entity):
        wanted = " ".join(f"--key {name}=VALUE" for name in group.entity)
        raise UsageError(sentence("The key", expected=wanted, got=" ".join(f"--key {text}" for text in given)))
    return [named[name] for name in group.entity]


def moment(text: str) -> datetime:
    """An instant in ISO 8601, with a zone.

    >>> moment("2024-01-01T00:00:00Z").isoformat()
    '2024-01-01T00:00:00+00:00'
    """
    wrong = UsageError(sentence("--at", expected="a time with a zone, such as 2026-01-31T10:30:00Z", got=repr(text)))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if at.tzinfo is None:
        raise wrong
    return at


def _named(group: FeatureSet, text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if separator and name in group.entity:
        return name, value
    return (group.entity[0], text) if len(group.entity) == 1 else (name, value)


def _listed(title: str, feature: Feature, judged: Sequence[Judged], limit: int) -> Iterator[str]:
    yield f"{title:<13} {len(judged):,}" + (f", the nearest {limit:,}:" if len(judged) > limit else "")
    for one in judged[:limit]:
        value = f", {feature.column} = {one.row[feature.column]}" if feature.column and one.row[PASSES] else ""
        yield f"  {one}{value}" + (f": {', '.join(one.reasons)}" if one.reasons else "")
