"""What a project has: features, owners, clocks, sources, freshness and users, as plain facts. No Spark."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tillthen.define.backtests.backtest import Backtest
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.in_words import clock_words
from tillthen.define.project import Project
from tillthen.define.sources.source import Source
from tillthen.define.tables.meaning import definitions_hash
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.description.describe import definition, derived_words, rows_words
from tillthen.materialize.description.origins import DIRECT, Origin, origins
from tillthen.runtime.config import Config
from tillthen.tables.newest import Newest, newest


@dataclass(frozen=True)
class FeatureEntry:
    """A feature: what it is in words, the source columns that it is made of, and the backtests whose models use it."""

    name: str
    value: str
    made_of: list[str]
    definition: list[tuple[str, str]]
    used_by: list[str]


@dataclass(frozen=True)
class SetEntry:
    """Features that have a source, an entity and an owner in common."""

    name: str
    description: str
    owner: str
    source: str
    entity: list[str]
    features: list[FeatureEntry]
    expectations: list[str]


@dataclass(frozen=True)
class TableEntry:
    """A feature table; ``stale`` where its newest build is of other definitions, ``built`` None where there is none."""

    name: str
    rows: str
    sets: list[SetEntry]
    sources: list[str]
    expectations: list[str]
    definitions_hash: str
    built: Newest | None
    stale: bool
    used_by: list[str]


@dataclass(frozen=True)
class SourceEntry:
    """A source, its clocks in words, and its table's newest version."""

    name: str
    table: str
    path: str
    id: str
    happened: str
    known: str
    retracted: str
    versions: bool
    expectations: list[str]
    newest: Newest | None
    read_by: list[str]


@dataclass(frozen=True)
class BacktestEntry:
    """A backtest, and how many features each of its models uses."""

    name: str
    description: str
    table: str
    label: str
    models: dict[str, int]


@dataclass(frozen=True)
class Catalogue:
    """Everything, in declared order."""

    code_hash: str
    tables: list[TableEntry]
    sources: list[SourceEntry]
    backtests: list[BacktestEntry]


def catalogue(config: Config, project: Project) -> Catalogue:
    """The catalogue of a project's definitions, and of what the logs of its tables say."""
    backtests = list(project.backtests.values())
    tables = [_table(config, table, backtests) for table in project.tables.values()]
    sources = dict.fromkeys(_sources(project))
    return Catalogue(
        project.code_hash,
        tables,
        [_source(config, source, project) for source in sources],
        [_backtest(backtest) for backtest in backtests],
    )


def _table(config: Config, table: FeatureTable, backtests: Iterable[Backtest]) -> TableEntry:
    own = [backtest for backtest in backtests if backtest.table.name == table.name]
    found, built = origins(table), newest(f"{config.warehouse}/{table.folder}", config.spark)
    hash = definitions_hash(table)
    rows = rows_words(table.spine)
    sets = [*_own_columns(table, found, own), *(_set(group, found, own) for group in table.feature_sets)]
    return TableEntry(
        table.name, rows, sets,
        [source.name for source in table.sources], [one.name for one in table.expect], hash, built,
        built is not None and built.definitions_hash != hash, [backtest.name for backtest in own],
    )  # fmt: skip


def _own_columns(table: FeatureTable, found: dict[str, list[Origin]], own: list[Backtest]) -> list[SetEntry]:
    """Features that are columns of the decision itself, or derived from finished ones."""
    said = {name: f"column {name} of the decision" for name in table.row_features}
    said |= {name: derived_words(text) for name, text in table.derived.items()}
    features = [
        FeatureEntry(name, words, _columns(found[name]), [("value", words)], _users(name, own))
        for name, words in said.items()
    ]
    about = "Columns of the decision itself, and what is derived from all features."
    key = [table.spine.row_id] if table.spine.row_id else list(table.spine.columns)
    return [SetEntry(table.name, about, "", table.spine.source.name, key, features, [])] if features else []


def _set(group: FeatureSet, found: dict[str, list[Origin]], own: list[Backtest]) -> SetEntry:
    features = [
        FeatureEntry(
            one.name, clock_words(one), _columns(found[one.name]), definition(group, one), _users(one.name, own)
        )
        for one in group.declared
    ]
    features += [
        FeatureEntry(
            name, derived_words(text), _columns(found[name]), [("value", derived_words(text))], _users(name, own)
        )
        for name, text in group.derived.items()
    ]
    return SetEntry(group.name, " ".join(group.description.split()), group.owner, group.source.name, list(group.entity),
                    features, [one.name for one in group.expected])  # fmt: skip


def _users(feature: str, backtests: Iterable[Backtest]) -> list[str]:
    """The backtests of which a model uses the feature."""
    return [b.name for b in backtests if any(feature in (m.features or b.table.features) for m in b.models)]


def _columns(found: Collection[Origin]) -> list[str]:
    """What a value is made of; of a count, which takes no column, what decides which events it counts."""
    direct = [one for one in found if one.how in DIRECT]
    counted = direct or [one for one in found if one.how == "FILTER"]
    return list(dict.fromkeys(f"{one.table}.{one.column}" for one in counted))


def _sources(project: Project) -> Iterable[Source]:
    groups = [*project.feature_sets.values(), *(g for table in project.tables.values() for g in table.feature_sets)]
    for table in project.tables.values():
        yield table.spine.source
    for group in groups:
        yield group.source
        yield from group.source.read
    for backtest in project.backtests.values():
        yield from _of_label(backtest)


def _of_label(backtest: Backtest) -> list[Source]:
    """The sources that say how decisions turned out."""
    unobserved = backtest.label.unobserved
    return [backtest.label.source, *([unobserved.source] if unobserved else [])]


def _source(config: Config, source: Source, project: Project) -> SourceEntry:
    place = config.table(source.table)
    delay = f" + {source.delay}" if source.delay.micros else ""
    known = (source.known_time or f"{source.event_time}, since no known time is declared") + delay
    readers = [t.name for t in project.tables.values() if any(source in (s, *s.read) for s in t.sources)]
    readers += [b.name for b in project.backtests.values() if source in _of_label(b)]
    made = source.made_of
    return SourceEntry(
        source.name, " and ".join(part.table for part in source.read), "" if made else place.path, source.id or "",
        source.event_time, known, source.retracted_time or "", source.versions, [one.name for one in source.expect],
        newest(place.path, config.spark) if made is None and place.format == "delta" else None, readers,
    )  # fmt: skip


def _backtest(backtest: Backtest) -> BacktestEntry:
    models = {model.name: len(model.features or backtest.table.features) for model in backtest.models}
    label = f"{backtest.label.name}, of {backtest.label.source.name}, mature after {backtest.label.maturity}"
    return BacktestEntry(backtest.name, backtest.description, backtest.table.name, label, models)
