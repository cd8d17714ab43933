"""What travels to the workers: one stage joins the feature sets of one entity to the spine."""

from __future__ import annotations

from dataclasses import dataclass

from tillthen.define.features.aggregation import KINDS, Feature

SPINE = "__spine"
AS_OF = "__as_of"

LITERALS = ("true", "false", "null")
"""Names that an expression does not take for a column's."""


def key_column(index: int) -> str:
    """Name of the i-th entity key in a stage's frame."""
    return f"__key{index}"


def field_column(kind: str, name: str) -> str:
    """Name under which a field of the spine or of a stream travels to the worker; under ``kind``: whether it is one."""
    return f"{kind}.{name}"


@dataclass(frozen=True)
class Stream:
    """The events of one feature set: ``column`` of the stage's frame says which rows are events of it.

    Their fields, in columns of their own (`field_column`): ``time`` and, where the clock has them, ``from`` and
    ``to`` (microseconds; ``to`` null for ever), then as far as the features need them ``id``, ``tie``, ``value0`` ...
    for each expression in ``values``, and ``order0`` ... for each column in ``order`` that is none of these.
    """

    name: str
    column: str
    entity: tuple[str, ...]
    features: tuple[Feature, ...]
    values: tuple[str, ...]
    order: tuple[str, ...]
    id: str | None = None
    tie: str | None = None
    complete_from: int | None = None
    known_at_once: bool = False
    known_for_ever: bool = False

    @property
    def ordered(self) -> bool:
        """Whether a result depends on the order of events at one instant."""
        return any(KINDS[f.kind].in_order or f.window.k is not None for f in self.features)

    def value_field(self, expression: str) -> str:
        """The field that holds an expression."""
        return f"value{self.values.index(expression)}"

    def order_field(self, name: str) -> str:
        """The field that holds a column of the order: a value's where the expression is the column's name."""
        plain = name.isidentifier() and name.lower() not in LITERALS and name in self.values
        return self.value_field(name) if plain else f"order{self.order.index(name)}"


@dataclass(frozen=True)
class Stage:
    """One shuffle: the spine and the events of every feature set of one entity, together by key."""

    keys: tuple[str, ...]
    streams: tuple[Stream, ...]

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features that the stage adds, in declared order."""
        return tuple(feature for stream in self.streams for feature in stream.features)

    @property
    def spine_fields(self) -> tuple[str, ...]:
        """The spine's columns that features depend on, beside the keys."""
        read = (name for stream in self.streams for name in (stream.tie, stream.id) if name is not None)
        return tuple(dict.fromkeys((AS_OF, *read)))
