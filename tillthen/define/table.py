"""Spines made of a source's events, and the feature tables built on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tillthen.define.errors import did_you_mean, sentence
from tillthen.define.expression import parse
from tillthen.define.faults import report
from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import quoted
from tillthen.define.source import Source


@dataclass(frozen=True)
class Spine:
    """The rows to predict for: each event of ``source``, once.

    Parameters
    ----------
    source
        Whose events are decided on; its id is the row id.
    as_of
        Column: the instant of the decision; an ambiguous local time is the earlier instant.
    known
        The columns that are known at the decision. Only these, the id, ``as_of`` and entity keys reach a table:
        response codes and outcomes are filled in later and belong in a source with its own known time.
    """

    source: Source
    as_of: str
    known: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", tuple(self.known))
        if not self.source.id:
            report(
                sentence(f"The spine on source '{self.source.name}' has no row id", fix="Declare id= on the source.")
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Row id, ``as_of`` and everything known at the decision."""
        return tuple(dict.fromkeys((str(self.source.id), self.as_of, *self.known)))


@dataclass(frozen=True)
class FeatureTable:
    """A Delta table with one row for each row of a spine, and its features.

    Parameters
    ----------
    name
        The table's folder in the warehouse.
    spine
        The rows.
    feature_sets
        What is computed as of each row.
    row_features
        Features of the decision's own columns: plain names, or ``name="row expression"`` pairs in ``derived``.
    """

    name: str
    spine: Spine
    feature_sets: Sequence[FeatureSet] = ()
    row_features: Sequence[str] = ()
    derived: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "feature_sets", tuple(self.feature_sets))
        object.__setattr__(self, "row_features", tuple(self.row_features))
        report(*self._faults())

    def __hash__(self) -> int:
        return hash(self.name)

    def _faults(self) -> Iterable[str]:
        where = f"Feature table '{self.name}'"
        known = self.spine.columns
        texts = {**{name: quoted(name) for name in self.row_features}, **self.derived}
        for name, text in texts.items():
            yield from parse(text).faults
            for column in parse(text).columns:
                if column not in known:
                    yield sentence(
                        f"{where}: '{name}' reads '{column}', which is not declared known at the decision",
                        fix=f"{did_you_mean(column, known)} If it is known then, add it to the spine's known=.",
                    )
        for group in self.feature_sets:
            for key in group.entity:
                if key not in known:
                    yield sentence(f"{where}: the spine lacks '{key}', the entity of '{group.name}'",
                                   fix=f"{did_you_mean(key, known)}")  # fmt: skip
        names = [*self.derived, *(n for group in self.feature_sets for n in group.feature_names)]
        for name in dict.fromkeys(names):
            if names.count(name) > 1 or name in known:
                yield sentence(f"{where}: the name '{name}' is used twice", fix="Name one of them with .named(...).")

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that a model may use, in declared order."""
        return (*self.row_features, *self.derived, *(n for group in self.feature_sets for n in group.feature_names))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that a build reads, the spine's first."""
        return tuple(dict.fromkeys((self.spine.source, *(group.source for group in self.feature_sets))))
