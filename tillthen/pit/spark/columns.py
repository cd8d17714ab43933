"""Events as columns beside the rows that they come from: which rows are events of a stream, and their fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DefinitionError, sentence
from tillthen.define.features.aggregation import KINDS, ORDERED_TYPES
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.source import Source
from tillthen.pit.partition.stage import Stream, field_column
from tillthen.sources.events.clock import CLOCK, EVENT_TIME, KNOWN_FROM, KNOWN_TO

ROW, IS_EVENT = "__row", "__is_event"
OWN_ID, TIE = "__id", "__tie"

_PLAIN = re.compile(r"\w+|`[^`]+`")

Clocked = Callable[[DataFrame, Source], DataFrame]
"""Adds a source's `CLOCK` and `IS_EVENT` to rows with the source's columns."""


def column(name: str) -> Column:
    """A column by its exact name, dots and spaces included."""
    return F.col(quoted(name))


def prepared(events: DataFrame, _: Source) -> DataFrame:
    """Rows that are events already, with their clock."""
    return events.withColumn(IS_EVENT, F.lit(True))


def event_columns(rows: DataFrame, streams: Sequence[tuple[FeatureSet, Stream]], clocked: Clocked) -> DataFrame:
    """``rows`` with the columns of each stream beside them: which are events of it, and fields, of any value elsewhere.

    A row without a key is no event; null says so too. Expressions are not evaluated where they are not asked for.
    """
    frame = rows.select(F.struct(*map(column, rows.columns)).alias(ROW))
    done: list[str] = []
    for group, stream in streams:
        kept = [ROW, *done]
        logic = row_logic(group, clocked(frame.select(*map(column, kept), f"{ROW}.*"), group.source), *kept, IS_EVENT)
        here = reduce(and_, [column(key).isNotNull() for key in group.entity], F.col(IS_EVENT))
        fields = {field_column(stream.column, name): taken for name, taken in _fields(stream, here).items()}
        frame = logic.select(
            *map(column, kept), here.alias(stream.column), *[taken.alias(name) for name, taken in fields.items()]
        )
        done += [stream.column, *fields]
    return frame.select(f"{ROW}.*", *map(column, done))


def row_logic(group: FeatureSet, events: DataFrame, *kept: str) -> DataFrame:
    """The feature set's columns, with the clock and what orders and identifies events under internal names.

    ``kept`` are further columns to keep; of `IS_EVENT` the set's own condition is made part.
    """
    source = group.source
    own = [column(name).alias(f"__order{i}") for i, name in enumerate(source.sequence)]
    own += [column(source.id).alias(OWN_ID)] if group.exclude_self and source.id else []
    own += [column(group.within_tie).alias(TIE)] if group.within_tie else []
    clock = [name for name in source.clock_columns if name not in group.rows.names]
    condition = F.lit(True) if group.rows.condition is None else F.expr(group.rows.condition)
    here = F.col(IS_EVENT) & condition if IS_EVENT in kept else condition
    return events.select(
        *[_where(here, text).alias(name) for name, text in group.rows.columns],
        *map(column, clock),
        *own,
        *map(F.col, CLOCK),
        *[here.alias(name) if name == IS_EVENT else column(name) for name in kept],
    )


def _fields(stream: Stream, here: Column) -> dict[str, Column]:
    """The fields of a stream's events, of rows with the feature set's columns that are events ``here``."""
    fields = {"time": F.col(EVENT_TIME)}
    fields |= {} if stream.known_at_once else {"from": F.col(KNOWN_FROM)}
    fields |= {} if stream.known_for_ever else {"to": F.col(KNOWN_TO)}
    fields |= {"id": F.col(OWN_ID)} if stream.id else {}
    fields |= {"tie": F.col(TIE)} if stream.tie else {}
    order = {stream.order_field(name): column(name) for name in stream.order if stream.ordered}
    return fields | order | {stream.value_field(text): _where(here, text) for text in stream.values}


def _where(here: Column, text: str) -> Column:
    """An expression of the rows that are asked for: with values of others it may be an error, unless it is a column."""
    return F.expr(text) if _PLAIN.fullmatch(text) else F.when(here, F.expr(text))


def check_types(group: FeatureSet, rows: DataFrame) -> None:
    """Every aggregation gets a type that it takes, every condition is boolean, every selected column has an order."""
    selected = {quoted(name): name for name in group.rows.names}
    texts = [text for feature in group.declared for text in (feature.column, feature.where) if text is not None]
    families = _families(rows, [*selected, *texts])
    for quoted_name, name in selected.items():
        if families[quoted_name] not in ORDERED_TYPES:
            raise DefinitionError(
                sentence(f"Feature set '{group.name}' selects '{name}'", expected="a type with an order",
                         got=rows.schema[name].dataType.simpleString(), fix="Select its parts, or cast it to string.")
            )  # fmt: skip
    for feature in group.declared:
        takes = KINDS[feature.kind].takes
        for text, allowed in ((feature.column, takes), (feature.where, ("boolean",))):
            if text is not None and families[text] not in allowed:
                raise DefinitionError(
                    sentence(f"Feature set '{group.name}': '{feature.name}' reads '{text}'",
                             expected=" or ".join(allowed), got=families[text])
                )  # fmt: skip


def _families(rows: DataFrame, expressions: Sequence[str]) -> dict[str, str]:
    """The types of expressions without their parameters: decimal for decimal(18,2)."""
    texts = list(dict.fromkeys(expressions))
    found = rows.select(*map(F.expr, texts)).schema
    return {text: at.dataType.simpleString().split("(")[0].split("<")[0] for text, at in zip(texts, found, strict=True)}
