"""Row logic: which columns a feature set reads from one row of its source."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.errors import DefinitionError, sentence
from tillthen.define.expression import parse


@dataclass(frozen=True)
class Rows:
    """The rows of a source inside a feature set's function; it records, it never computes.

    >>> Rows("tx").where("amount > 0").select("card_id", night="hour(at) <= 6").columns
    (('card_id', '`card_id`'), ('night', 'hour(at) <= 6'))
    """

    source: str
    condition: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    def where(self, condition: str) -> Rows:
        """Keep the rows for which ``condition``, over the source's columns, is true (null is false)."""
        if self.columns:
            raise DefinitionError(
                sentence(f"Source '{self.source}': where comes after select", fix="Write .where(...).select(...).")
            )
        _refuse(parse(condition).faults)
        both = condition if self.condition is None else f"({self.condition}) AND ({condition})"
        return Rows(self.source, both)

    def select(self, *names: str, **derived: str) -> Rows:
        """Name the columns to use: plain ones by name, derived ones as ``name="row expression"``."""
        if self.columns:
            raise DefinitionError(
                sentence(f"Source '{self.source}': select is called twice", fix="Name all columns in one select.")
            )
        columns = (*((name, quoted(name)) for name in names), *derived.items())
        twice = {name for name, _ in columns if [other for other, _ in columns].count(name) > 1}
        if twice:
            raise DefinitionError(sentence(f"Source '{self.source}': select names {_listed(twice)} twice"))
        for _, text in columns:
            _refuse(parse(text).faults)
        return Rows(self.source, self.condition, columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The selected columns, in declared order."""
        return tuple(name for name, _ in self.columns)

    @property
    def reads(self) -> tuple[str, ...]:
        """The source's columns that the selection and the condition read."""
        texts = [text for _, text in self.columns] + ([self.condition] if self.condition else [])
        return tuple(dict.fromkeys(name for text in texts for name in parse(text).columns))


def quoted(name: str) -> str:
    """A column's exact name as it may stand in an expression, whatever it is made of.

    >>> quoted("3D_secured")
    '`3D_secured`'
    """
    return "`" + name.replace("`", "``") + "`"


def _listed(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _refuse(faults: tuple[str, ...]) -> None:
    if faults:
        raise DefinitionError(" ".join(faults))
