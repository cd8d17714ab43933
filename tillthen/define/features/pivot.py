"""A pivot: one aggregation as several features, each of the events that have one declared value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tillthen.define.arguments.kinds import Expression
from tillthen.define.expressions.expression import parse, slug
from tillthen.define.expressions.literals import Value, literal
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import sentence

By = Mapping[Expression, Sequence[Value]] | None
OTHER = "other"


@dataclass(frozen=True)
class Pivot:
    """Declared values of a column, each a part, and "other": whatever else there is, null included.

    Every event is in exactly one part, so that counts and sums of the parts add up to those of the whole.
    """

    column: str
    values: tuple[Value, ...]

    @classmethod
    def of(cls, by: By) -> Pivot | None:
        """Make a pivot of what a user writes as ``by=``; faults are reported."""
        if by is None:
            return None
        if len(by) != 1:
            report(sentence("by=", expected="one column and its values", got=repr(by), fix=_EXAMPLE))
            return None
        ((column, values),) = by.items()
        report(*_faults(column, values))
        return cls(column, tuple(values))

    def parts(self, where: str | None) -> list[tuple[str, str | None]]:
        """The name of each part and the condition under which an event that passes ``where`` belongs to it."""
        column = self.column if self.column.isidentifier() else f"({self.column})"
        literals = [literal(value) for value in self.values]
        parts = [(_part(value), f"{column} = {text}") for value, text in zip(self.values, literals, strict=True)]
        parts.append((OTHER, f"coalesce({column} NOT IN ({', '.join(literals)}), true)"))
        return [(part, condition if where is None else f"({where}) AND ({condition})") for part, condition in parts]


_EXAMPLE = "Write for example by={'channel': ['ecommerce', 'pos']}."
_ALONE = "Leave it out, or declare it alone with where= and .named(...)."


def _part(value: Value) -> str:
    return slug(str(value).lower() if isinstance(value, bool) else str(value))


def _faults(column: str, values: Sequence[Value]) -> Iterator[str]:
    what = f"by= '{column}'"
    if not values:
        yield sentence(f"{what} has no values", fix=_EXAMPLE)
    taken = {OTHER: "everything else"}
    for value in values:
        part = _part(value)
        twin = taken.get(part.lower())
        if parse(literal(value)).faults:
            yield from parse(literal(value)).faults
        elif not part:
            yield sentence(f"{what}: no name can be made of {value!r}", fix=_ALONE)
        elif twin == repr(value):
            yield sentence(f"{what} names {value!r} twice")
        elif twin is not None:
            yield sentence(f"{what}: {value!r} and {twin} would both be named '{part}'", fix=_ALONE)
        taken[part.lower()] = repr(value)
