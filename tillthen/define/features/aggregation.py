"""Aggregations as data: what is computed, of which column, under which condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.duration import ZERO
from tillthen.define.arguments.kinds import Column, NotNegative
from tillthen.define.expressions.expression import slug
from tillthen.define.faults.collecting import report
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence
from tillthen.define.features.pivot import Pivot
from tillthen.define.features.window import Closed, Window, WindowLike

NUMERIC_TYPES = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
ORDERED_TYPES = (*NUMERIC_TYPES, "boolean", "string", "date", "timestamp", "timestamp_ntz", "binary")


@dataclass(frozen=True)
class Kind:
    """What one aggregation takes and gives: all that the rest of the house knows of it.

    Parameters
    ----------
    takes
        Type families of its column.
    gives
        A type of Spark, or "same" as the column, or "list" of those, or "wide": bigint for integers, decimal(38, s) for
        decimals, double for doubles.
    needs_column
        It has no meaning without one.
    zero_when_empty
        An empty window gives 0, not null.
    parameter
        The name of the number that it needs beside the column.
    in_order
        It depends on the order of events at one instant.
    combines
        It puts values together or holds them against each other, which of amounts needs one currency.
    amount
        Of amounts it gives an amount, in their unit and currency.
    """

    takes: tuple[str, ...]
    gives: str
    needs_column: bool = True
    zero_when_empty: bool = False
    parameter: str | None = None
    in_order: bool = False
    combines: bool = False
    amount: bool = False


LONGEST_LIST = 10_000
"""Values in one row's list: a task holds rows times as many."""

KINDS: dict[str, Kind] = {
    "count": Kind(ORDERED_TYPES, "bigint", needs_column=False, zero_when_empty=True),
    "count_distinct": Kind(ORDERED_TYPES, "bigint", zero_when_empty=True),
    "sum": Kind(NUMERIC_TYPES, "wide", combines=True, amount=True),
    "mean": Kind(NUMERIC_TYPES, "double", combines=True, amount=True),
    "min": Kind(ORDERED_TYPES, "same", combines=True, amount=True),
    "max": Kind(ORDERED_TYPES, "same", combines=True, amount=True),
    "variance": Kind(NUMERIC_TYPES, "double", combines=True),
    "stddev": Kind(NUMERIC_TYPES, "double", combines=True),
    "rate": Kind(("boolean",), "double"),
    "first": Kind(ORDERED_TYPES, "same", in_order=True, amount=True),
    "last": Kind(ORDERED_TYPES, "same", in_order=True, amount=True),
    "last_non_null": Kind(ORDERED_TYPES, "same", in_order=True, amount=True),
    "last_n": Kind(ORDERED_TYPES, "list", parameter="n", in_order=True),
    "mode": Kind(ORDERED_TYPES, "same"),
    "top_k": Kind(ORDERED_TYPES, "list", parameter="k"),
    "quantile": Kind(NUMERIC_TYPES, "double", parameter="q", combines=True, amount=True),
    "time_since_first": Kind(ORDERED_TYPES, "double", needs_column=False),
    "time_since_last": Kind(ORDERED_TYPES, "double", needs_column=False),
    "any": Kind(("boolean",), "boolean"),
}


@dataclass(frozen=True)
class Feature:
    """One finished feature: an aggregation over one window, and its name in the table."""

    name: str
    kind: str
    column: str | None
    where: str | None
    window: Window
    fill: float | int | str | bool | None = None
    parameter: float | int | None = None


@dataclass(frozen=True)
class Aggregation:
    """An aggregation of a feature set's rows; ``.over(...)`` gives it windows."""

    kind: str
    column: str | None = None
    where: str | None = None
    name: str | None = None
    by: Pivot | None = None
    parameter: float | int | None = None

    def __post_init__(self) -> None:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise DefinitionError(sentence(f"Unknown aggregation '{self.kind}'", fix=did_you_mean(self.kind, KINDS)))
        if kind.needs_column and not self.column:
            report(sentence(f"{self.kind} needs a column", fix=f"Write {self.kind}('amount')."))
        if kind.parameter is not None:
            report(*_parameter_faults(self.kind, kind.parameter, self.parameter))

    @property
    def place(self) -> str:
        """How messages name it."""
        return self.kind

    @checked
    def over(self, *windows: WindowLike, offset: NotNegative = ZERO, closed: Closed | None = None) -> Features:
        """Compute it over each window.

        ``offset`` moves the window's end back from ``as_of``; ``closed`` overrides the feature set's choice.
        """
        if not windows:
            report(sentence(f"{self.kind}.over() has no window", fix="Write for example .over(days(7))."))
        return Features(self, windows, offset, closed)

    @property
    def stem(self) -> str:
        """What a generated feature name says of it; ``{by}`` stands for a part of the pivot.

        >>> Aggregation("last_n", "amount", "ok", parameter=3).stem, Aggregation("quantile", "x", parameter=0.9).stem
        ('last_3_amount_where_ok', 'quantile_90_x')
        """
        what = self.name or "_".join([self._kind, *([slug(self.column)] if self.column else []),
                                      *(["where", slug(self.where)] if self.where else [])])  # fmt: skip
        return what if self.by is None else f"{what}_by_{slug(self.by.column)}_{{by}}"

    @property
    def _kind(self) -> str:
        """The kind with its parameter: last_3, top_5, quantile_90, median."""
        if self.kind != "quantile":
            return self.kind if self.parameter is None else f"{self.kind[:-2]}_{self.parameter}"
        percent = (Decimal(str(self.parameter)) * 100).normalize()
        return "median" if percent == 50 else f"quantile_{percent:f}".replace(".", "_")

    @property
    def parts(self) -> Sequence[tuple[str, str | None]]:
        """The name and the condition of each part of the pivot; without one, all is one part."""
        return [("", self.where)] if self.by is None else self.by.parts(self.where)


@dataclass(frozen=True)
class Features:
    """An aggregation over several windows, before a feature set names them."""

    aggregation: Aggregation
    windows: tuple[WindowLike, ...]
    offset: NotNegative
    closed: Closed | None
    pattern: str | None = None
    fill_value: float | int | str | bool | None = None

    @property
    def place(self) -> str:
        """How messages name it."""
        return self.aggregation.kind

    @checked
    def named(self, pattern: Column) -> Features:
        """Set the whole column name; with several windows it must hold ``{window}``, with ``by=`` ``{by}``."""
        if len(self.windows) > 1 and "{window}" not in pattern:
            report(sentence(f"The name '{pattern}' stands for {len(self.windows)} windows",
                            fix="Put {window} into it."))  # fmt: skip
        if self.aggregation.by is not None and "{by}" not in pattern:
            report(sentence(f"The name '{pattern}' stands for each part of by=", fix="Put {by} into it."))
        return replace(self, pattern=pattern)

    @checked
    def fill(self, value: float | int | str | bool) -> Features:
        """Give ``value`` where the result would be null; lists stay null."""
        if KINDS[self.aggregation.kind].gives == "list":
            report(sentence(f"{self.aggregation.kind} gives a list, which .fill({value!r}) cannot stand in for",
                            fix="Leave it null."))  # fmt: skip
        return replace(self, fill_value=value)

    def finish(self, feature_set: str, closed: Closed) -> list[Feature]:
        """The features, one a window and part, named for their feature set."""
        a = self.aggregation
        pattern = self.pattern or f"{feature_set}__{a.stem}_{{window}}"
        done = []
        for like in self.windows:
            window = Window.of(like, self.offset, self.closed or closed)
            for part, where in a.parts:
                name = pattern.replace("{window}", window.name).replace("{by}", part)
                done.append(Feature(name, a.kind, a.column, where, window, self.fill_value, a.parameter))
        return done


def _parameter_faults(kind: str, name: str, value: float | None) -> list[str]:
    if name == "q":
        # Nine decimals: the place of a quantile among 2**31 values is then exact in 64 bits.
        expected = "a number from 0 to 1 with at most nine decimals"
        fits = value is not None and type(value) in (int, float) and 0 <= value <= 1 and round(value, 9) == value
    elif isinstance(value, int) and value > LONGEST_LIST:
        expected, fits = f"at most {LONGEST_LIST:,}", False
    else:
        expected = "an integer of at least 1"
        fits = type(value) is int and value >= 1
    return [] if fits else [sentence(f"{kind} '{name}'", expected=expected, got=repr(value))]
