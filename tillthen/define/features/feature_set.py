"""Feature sets: row logic as a function, aggregation as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from inspect import cleandoc, signature
from typing import Annotated

from tillthen.define.arguments.annotations import Like, got
from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.fingerprint import UNHASHED
from tillthen.define.arguments.kinds import Column, Columns, Expression
from tillthen.define.arguments.shown import Row, Told
from tillthen.define.expectations.rules import Expectation
from tillthen.define.expectations.suitable import table_faults
from tillthen.define.expressions.expression import parse
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.features.aggregation import KINDS, Feature, Features
from tillthen.define.features.in_words import clock_words
from tillthen.define.features.window import Closed
from tillthen.define.sources.inexact import inexact
from tillthen.define.sources.money import one_currency
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source

Windowed = Annotated[Features, Like("an aggregation with its windows", "count().over(days(7))")]


@checked
@dataclass(repr=False)
class FeatureSet(Told):
    """Features of one entity, made from one source's events: ``.features(...)``, ``.derive(...)``, ``.expect(...)``.

    Parameters
    ----------
    name, description, owner
        The function's name and docstring, and who answers for the features.
    source
        Where the events come from.
    entity
        The key columns, of the same names in the spine and in ``rows``.
    rows
        The row logic: the columns that the features read.
    closed
        ``"left"`` (event_time < as_of) or ``"right"`` (event_time <= as_of).
    within_tie
        With ``closed="right"``: of the events at the very instant of ``as_of`` only those whose column of this name is
        at most the spine row's count.
    exclude_self
        The spine row's own event, by the source's id, does not count.
    """

    name: str
    source: Source
    entity: tuple[str, ...]
    rows: Rows = field(repr=False)
    description: str = ""
    owner: str = ""
    closed: Closed = "left"
    within_tie: str | None = None
    exclude_self: bool = False
    declared: list[Feature] = field(default_factory=list, repr=False)
    derived: dict[str, str] = field(default_factory=dict, repr=False)
    expected: list[Expectation] = field(default_factory=list, metadata=UNHASHED)

    @property
    def place(self) -> str:
        """How messages name it."""
        return f"Feature set '{self.name}'"

    def __post_init__(self) -> None:
        where = self.place
        faults = []
        if not self.rows.columns:
            faults.append(sentence(f"{where} selects no columns", fix="Write return rows.select('card_id', ...)."))
        if not self.entity:
            faults.append(sentence(f"{where} has no entity", fix="Declare entity='card_id', the key of its features."))
        for key in self.entity:
            if self.rows.columns and key not in self.rows.names:
                fix = did_you_mean(key, self.rows.names)
                faults.append(sentence(f"{where} does not select its entity '{key}'", fix=fix))
        for key, text in self.rows.columns:
            plain = next((name for name in self.source.columns if text in (name, quoted(name))), None)
            if key in self.entity and plain is not None:
                faults += inexact(f"{where} 'entity' {key}", self.source.columns[plain],
                                  f"Select {key}='CAST({plain} AS bigint)'.")  # fmt: skip
        if self.within_tie and self.closed != "right":
            fix = "Declare closed='right' or drop within_tie."
            faults.append(sentence(f"{where} has within_tie but excludes ties", fix=fix))
        if self.exclude_self and not self.source.id:
            said = f"{where} excludes its own event, but source '{self.source.name}' has no id"
            faults.append(sentence(said, fix="Declare id= on the source."))
        report(*faults)

    def _more(self) -> Iterable[Row]:
        yield "selects", ", ".join(self.rows.names)
        yield from ((feature.name, clock_words(feature)) for feature in self.declared)
        yield from self.derived.items()

    @checked
    def features(self, *features: Windowed) -> FeatureSet:
        """Add features; a name used twice is a fault."""
        if not features:
            report(sentence(f"{self.place} features", expected="at least one", got="none",
                            fix="Write for example .features(count().over(days(7)))."))  # fmt: skip
        for added in features:
            for feature in added.finish(self.name, self.closed):
                self._add(feature)
        return self

    def _add(self, feature: Feature) -> None:
        where = self.place
        if feature.name in self.feature_names:
            report(sentence(f"{where} declares '{feature.name}' twice", fix="Name one of them with .named(...)."))
        known = {*self.rows.names, *self.source.clock_columns}
        for text in (feature.column, feature.where):
            for column in parse(text).columns if text else ():
                if column not in known:
                    report(sentence(f"{where}: '{feature.name}' reads '{column}', which it does not select",
                                    fix=_field_of(column, text) or did_you_mean(column, known)))  # fmt: skip
        report(*self._mixed(feature))
        self.declared.append(feature)

    def _mixed(self, feature: Feature) -> list[str]:
        """Refuse amounts of several currencies put together; counting and picking them is no matter."""
        if not KINDS[feature.kind].combines or feature.column is None:
            return []
        texts = dict(self.rows.columns)
        columns = parse(feature.column).columns
        read = {name for column in columns for name in parse(texts.get(column, quoted(column))).columns}
        return [
            sentence(f"{self.place}: '{feature.name}' takes the {feature.kind} of '{name}' over several currencies",
                     fix=f"Convert them with Rates(...).convert({self.source.name}), or select one with "
                         f".where(\"{by} = 'EUR'\").")
            for name, by in self.source.mixed.items()
            if name in read and not any(one_currency(text, by) for text in (self.rows.condition, feature.where))
        ]  # fmt: skip

    @checked
    def derive(self, **columns: Expression) -> FeatureSet:
        """Add columns made of finished features: ``name="SQL expression"``, the name being the column's whole name.

        An expression reads features of this set that are declared before it, derived ones included, and columns of
        the spine; see `tillthen.ratio`, `tillthen.difference` and `tillthen.zscore`.
        """
        where = self.place
        for name, text in columns.items():
            if name in self.feature_names:
                report(sentence(f"{where} declares '{name}' twice", fix="Derive it under another name."))
            for column in parse(text).columns:
                # A name that begins as the set's own features do is no column of a spine.
                if column.startswith(f"{self.name}__") and column not in self.feature_names:
                    report(sentence(f"{where}: '{name}' reads '{column}', which it does not declare before",
                                    fix=did_you_mean(column, self.feature_names)))  # fmt: skip
            self.derived[name] = text
        return self

    def only(self, features: Iterable[Feature]) -> FeatureSet:
        """The set with these of its features, and without what is derived of finished ones: that may read a spine."""
        return replace(self, declared=list(features), derived={})

    @checked
    def expect(self, *expectations: Expectation) -> FeatureSet:
        """Add what the rows of every table that has these features must be like: see `tillthen.expect`."""
        self.expected.extend(expectations)
        report(*table_faults(self.place, self.expected, self.feature_names))
        return self

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns it adds to a spine: aggregations, then derived ones, in declared order."""
        return (*(feature.name for feature in self.declared), *self.derived)

    @property
    def spine_reads(self) -> dict[str, str]:
        """The columns of the spine that derived ones read, each with the first that does."""
        reads = {column: name for name, text in reversed(self.derived.items()) for column in parse(text).columns}
        return {column: name for column, name in reads.items() if column not in self.feature_names}

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns it reads from the source's table."""
        selected = set(self.rows.names)
        texts = [text for f in self.declared for text in (f.column, f.where) if text]
        direct = [name for text in texts for name in parse(text).columns if name not in selected]
        tie = [self.within_tie] if self.within_tie and self.within_tie not in selected else []
        return tuple(dict.fromkeys((*self.source.clock_columns, *self.rows.reads, *direct, *tie)))


@checked
def feature_set(
    *,
    source: Source,
    entity: Column | Columns,
    owner: str = "",
    closed: Closed = "left",
    within_tie: Column | None = None,
    exclude_self: bool = False,
) -> Callable[[Callable[[Rows], Rows]], FeatureSet]:
    """Declare a feature set: the function below says which columns of a row it uses.

    See `FeatureSet` for the parameters. The function's name is the set's name, its docstring the description.
    """
    keys = (entity,) if isinstance(entity, str) else tuple(entity)

    def declare(function: Callable[[Rows], Rows]) -> FeatureSet:
        name = _name_of(function)
        rows = _rows_of(name, function, source)
        description = cleandoc(function.__doc__ or "")
        return FeatureSet(name, source, keys, rows, description, owner, closed, within_tie, exclude_self)

    return declare


def _field_of(struct: str, text: str | None) -> str:
    """How to select the field of a struct that an expression reads; nothing where it reads none."""
    found = re.search(rf"\b{re.escape(struct)}(\.\w+)+", text or "")
    return f"Select the field: select({found[0].split('.')[-1]}='{found[0]}'), and read that." if found else ""


def _name_of(function: object) -> str:
    name = getattr(function, "__name__", "")
    if not callable(function) or not name.isidentifier():
        raise DefinitionError(sentence("A feature set", expected="a function with a name below @feature_set(...)",
                                       got=got(function), fix="Write def card_velocity(rows): ..."))  # fmt: skip
    return str(name)


def _rows_of(name: str, function: Callable[[Rows], Rows], source: Source) -> Rows:
    """What the function selects of the source's rows."""
    where = f"Feature set '{name}'"
    try:
        signature(function).bind(Rows(source.name))
    except TypeError:
        raise DefinitionError(sentence(where, expected="a function of one argument, the source's rows",
                                       got=f"{name}{signature(function)}", fix=f"Write def {name}(rows).")
                              ) from None  # fmt: skip
    try:
        rows = function(Rows(source.name))
    except DefinitionError as error:
        raise DefinitionError(f"{where}: {error}").with_traceback(error.__traceback__) from None
    if not isinstance(rows, Rows):
        raise DefinitionError(sentence(where, expected="a function that returns rows.select(...)", got=got(rows),
                                       fix="Write return rows.select('card_id', ...)."))  # fmt: skip
    return rows
