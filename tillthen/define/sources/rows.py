"""Row logic: which columns a feature set reads from one row of its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column, Expression
from tillthen.define.expressions.expression import parse
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DefinitionError, sentence


@dataclass(frozen=True)
class Rows:
    """The rows of a source inside a feature set's function; it records, it never computes.

    >>> Rows("tx").where("amount > 0").select("card_id", night="hour(at) <= 6").columns
    (('card_id', '`card_id`'), ('night', 'hour(at) <= 6'))
    """

    source: str
    condition: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """How messages name them."""
        return f"Source '{self.source}'"

    @checked
    def where(self, condition: Expression) -> Rows:
        """Keep the rows for which ``condition``, over the source's columns, is true (null is false)."""
        if self.columns:
            raise DefinitionError(
                sentence(f"Source '{self.source}': where comes after select", fix="Write .where(...).select(...).")
            )
        both = condition if self.condition is None else f"({self.condition}) AND ({condition})"
        return Rows(self.source, both)

    @checked
    def select(self, *names: Column, **derived: Expression) -> Rows:
        """Name the columns to use: plain ones by name, derived ones as ``name="row expression"``."""
        if self.columns:
            raise DefinitionError(
                sentence(f"Source '{self.source}': select is called twice", fix="Name all columns in one select.")
            )
        columns = (*((name, quoted(name)) for name in names), *derived.items())
        twice = {name for name, _ in columns if [other for other, _ in columns].count(name) > 1}
        if twice:
            raise DefinitionError(sentence(f"Source '{self.source}': select names {_listed(twice)} twice"))
        return Rows(self.source, self.condition, columns)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        fix = _SAYS.get(name) or f"Name columns as text, and write conditions as SQL: .where('{name} > 0')."
        raise DefinitionError(sentence(f"{self.place}: rows in a feature set have where and select, and no '{name}'",
                                       fix=fix))  # fmt: skip

    def __getitem__(self, name: object) -> NoReturn:
        self.__getattr__(str(name))

    @property
    def names(self) -> tuple[str, ...]:
        """The selected columns, in declared order."""
        return tuple(name for name, _ in self.columns)

    @property
    def reads(self) -> tuple[str, ...]:
        """The source's columns that the selection and the condition read."""
        texts = [text for _, text in self.columns] + ([self.condition] if self.condition else [])
        return tuple(dict.fromkeys(name for text in texts for name in parse(text).columns))


def _listed(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


_SAYS = {
    "filter": "Write .where('amount > 0').",
    "withColumn": "Write .select('card_id', night='hour(at) <= 6').",
    "withColumns": "Write .select('card_id', night='hour(at) <= 6').",
    "selectExpr": "Write .select('card_id', night='hour(at) <= 6').",
    "withColumnRenamed": "Write .select(card_id='card').",
    "alias": "Write .select(card_id='card').",
    "groupBy": "Aggregate with .features(sum('amount').over(days(7))) below the function.",
    "agg": "Aggregate with .features(sum('amount').over(days(7))) below the function.",
    "join": "Declare the other table as a source with a feature set of its own.",
}
"""What does here what a method of Spark's frames does there."""
