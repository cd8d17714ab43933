"""The events behind one value, and those just outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import LeakError, UsageError, sentence
from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit.audit.agreement import disagreements
from tillthen.pit.audit.evidence import NUMBER, rows_of_keys
from tillthen.pit.audit.nearby import Judged, judge
from tillthen.pit.audit.restated import evidence_of
from tillthen.pit.oracle.plain import ID, TIE, plain_set
from tillthen.pit.spark.engine import compute
from tillthen.runtime.failures import worker_errors
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.text import typed
from tillthen.sources.reading.times import unix_micros

MOST_EVENTS = 100_000
"""Of one key, brought to the driver."""


@dataclass(frozen=True)
class Question:
    """A spine row: the texts of its entity's keys, its instant, and its id and within_tie value where they matter."""

    keys: Sequence[str]
    as_of: datetime
    id: str | None = None
    tie: str | None = None


@dataclass(frozen=True)
class Answer:
    """A feature's value, the events that made it, and those that did not count with their reasons, nearest first."""

    value: object
    inside: list[Judged]
    outside: list[Judged]


def explain(tables: Mapping[str, DataFrame], group: FeatureSet, feature: Feature, question: Question) -> Answer:
    """Let the engine answer from the rows of one key, and sort them into those that count and those that do not.

    ``tables`` are by the name of their source, also of those that the set's source is made of.

    Raises
    ------
    UsageError
        A key, id or tie is no value of its column's type, or the key has more than `MOST_EVENTS` events.
    LeakError
        The oracle makes another value of the events that count.
    """
    alone, table = group.only([feature]), tables[group.source.name]
    spine = _spine(table, alone, question)
    keys = spine.withColumn(NUMBER, F.lit(0))
    found = rows_of_keys(table, alone, keys)
    if found.limit(MOST_EVENTS + 1).count() > MOST_EVENTS:
        raise UsageError(sentence(f"The key has more than {MOST_EVENTS:,} events", fix="Name another --key."))
    evidence = evidence_of(found, alone, tables, keys)
    local = replace(alone, source=replace(group.source, columns={}, expect=()))
    with worker_errors():
        (answer,) = compute(spine, [local], {group.source.name: evidence.frame}, as_of="@as_of").frame.collect()
    row = {**{key: answer[key] for key in group.entity}, "as_of": unix_micros(question.as_of)}
    row |= {ID: answer[group.source.id]} if group.exclude_self else {ID: None}
    row |= {TIE: answer[group.within_tie]} if group.within_tie else {}
    plain, rows = plain_set(alone), evidence.rows.get(0, [])
    judged = judge(feature, row, plain, rows)
    inside = [one for one in judged if not one.reasons]
    made = {plain.source.name: [one.row for one in inside]}
    for wrong in disagreements([row], [plain], made, [{feature.name: answer[feature.name]}]):
        raise LeakError(sentence(f"'{feature.name}'", expected=repr(wrong.expected), got=repr(wrong.got),
                                 fix="The engine and the contract differ: please report it."))  # fmt: skip
    return Answer(answer[feature.name], inside, [one for one in judged if one.reasons])


def _spine(table: DataFrame, group: FeatureSet, question: Question) -> DataFrame:
    """The one row, its values read as the types that the source has."""
    source = group.source
    rows = typed(table, source, group.reads, declared_types(table, source))
    keys = rows.select(*[F.expr(text).alias(name) for name, text in group.rows.columns if name in group.entity])
    given: dict[str, tuple[str | None, DataType]] = {
        name: (text, keys.schema[name].dataType) for name, text in zip(group.entity, question.keys, strict=True)
    }
    further: list[tuple[str | None, str | None]] = [(group.within_tie, question.tie)] if group.within_tie else []
    further += [(source.id, question.id)] if group.exclude_self else []
    given |= {str(name): (text, rows.schema[str(name)].dataType) for name, text in further}
    frame = table.sparkSession.range(1).select(
        F.timestamp_micros(F.lit(unix_micros(question.as_of))).alias("@as_of"),
        *[F.lit(text).try_cast(type).alias(name) for name, (text, type) in given.items()],
    )
    row = frame.first()
    assert row is not None
    for name, (text, type) in given.items():
        if text is not None and row[name] is None:
            raise UsageError(sentence(f"'{name}'", expected=f"a {type.simpleString()}", got=repr(text)))
    return frame.select("@as_of", *[F.col(quoted(name)) for name in given])
