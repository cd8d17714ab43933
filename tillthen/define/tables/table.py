"""Feature tables: a spine, and what is computed as of each of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.fingerprint import UNHASHED
from tillthen.define.arguments.kinds import Column, Columns, Count, Expression, Name
from tillthen.define.arguments.shown import Row, Told
from tillthen.define.expectations.rules import Expectation
from tillthen.define.expectations.suitable import table_faults
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import did_you_mean, sentence
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.define.tables.delta_names import EXPECTED, plain_name, refused_names
from tillthen.define.tables.spine import Snapshots, Spine


@checked
@dataclass(frozen=True, repr=False)
class FeatureTable(Told):
    """A Delta table with one row for each row of a spine, and its features.

    Parameters
    ----------
    name
        The table's folder in the warehouse; from version 2 on ``<name>_v<version>``.
    spine
        The rows.
    feature_sets
        What is computed as of each row.
    row_features
        Features that are columns of the decision itself.
    derived
        ``{name: row expression}`` over what is known at the decision: its own columns, the feature sets' features and
        what is derived before.
    categorical
        Features that are names rather than numbers: strings, or integers without an order. Models that can are told;
        a value that the training did not have is missing.
    version
        Raised when what a feature means changes: the new table is built beside the old one.
    expect
        What its rows must be like before they are written, beside what its feature sets expect: see `tillthen.expect`.
    """

    name: Name
    spine: Spine | Snapshots
    feature_sets: Sequence[FeatureSet] = ()
    row_features: Columns = ()
    derived: dict[Column, Expression] = field(default_factory=dict)
    categorical: Columns = field(default=(), metadata=UNHASHED)
    version: Count = 1
    expect: Sequence[Expectation] = field(default=(), metadata=UNHASHED)

    def __post_init__(self) -> None:
        report(*self._faults())

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"FeatureTable({self.name!r}, version={self.version}, features={len(self.features)})"

    def _more(self) -> Iterable[Row]:
        yield "features", f"{len(self.features)}"
        for group in self.feature_sets:
            yield from ((name, f"of {group.name}") for name in group.feature_names)

    def _faults(self) -> Iterable[str]:
        where = f"Feature table '{self.name}'"
        known = self.spine.columns
        reads = [(name, (name,)) for name in self.row_features]
        reads += [(name, (column,)) for group in self.feature_sets for column, name in group.spine_reads.items()]
        for name, columns in reads:
            yield from self._unknown(name, columns, known)
        finished = [*known, *(name for group in self.feature_sets for name in group.feature_names)]
        for name, text in self.derived.items():
            yield from self._unknown(name, parse(text).columns, finished)
            finished.append(name)
        for group in self.feature_sets:
            for key in group.entity:
                if key not in known:
                    yield sentence(f"{where}: the spine lacks '{key}', the entity of '{group.name}'",
                                   fix=f"{did_you_mean(key, known)}")  # fmt: skip
        yield from self._unwritten((*known, *self.features))
        names = [*self.derived, *(n for group in self.feature_sets for n in group.feature_names)]
        for name in dict.fromkeys(names):
            if names.count(name) > 1 or name in known:
                yield sentence(f"{where}: the name '{name}' is used twice", fix="Name one of them with .named(...).")
        yield from (
            sentence(f"{where}: categorical '{name}' is no feature of it", fix=did_you_mean(name, self.features))
            for name in self.categorical if name not in self.features
        )  # fmt: skip
        yield from table_faults(where, self.expectations, [*known, *self.features])

    def _unwritten(self, names: Iterable[str]) -> Iterable[str]:
        wrong = refused_names(names)
        if wrong:
            where = f"Feature table '{self.name}': columns {', '.join(map(repr, wrong))}"
            new = f'rename: {{"{wrong[0]}": {plain_name(wrong[0])}}}'
            yield sentence(
                where,
                expected=EXPECTED,
                fix=f"Name it otherwise; a file's column in the configuration, beside its path: {new}.",
            )

    def _unknown(self, name: str, columns: Iterable[str], known: Sequence[str]) -> Iterable[str]:
        where = f"Feature table '{self.name}'"
        for column in columns:
            if column not in known:
                yield sentence(
                    f"{where}: '{name}' reads '{column}', which is not declared known at the decision",
                    fix=f"{did_you_mean(column, known)} If it is known then, add it to the spine's known=.",
                )

    @property
    def folder(self) -> str:
        """Its folder in the warehouse."""
        return self.name if self.version == 1 else f"{self.name}_v{self.version}"

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that a model may use, in declared order."""
        return (*self.row_features, *self.derived, *(n for group in self.feature_sets for n in group.feature_names))

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """What its rows must be like: its own expectations, then those of its feature sets."""
        return (*self.expect, *(one for group in self.feature_sets for one in group.expected))

    @property
    def leaks(self) -> tuple[str, ...]:
        """The features that look ahead, by `tillthen.leak`: no model may train on the table."""
        return tuple(f.name for group in self.feature_sets for f in group.declared if f.window.ahead)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that a build reads, the spine's first."""
        return tuple(dict.fromkeys((self.spine.source, *(group.source for group in self.feature_sets))))
