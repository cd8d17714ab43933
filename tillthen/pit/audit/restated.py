"""What a source holds about some keys as the oracle takes it: labels as events are stated anew, from their two tables.

The engine reads what `tillthen.sources.events.labelled` makes of decisions and outcomes; taken as evidence, it would
prove itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, LongType, StructField, StructType

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit.audit.evidence import NUMBER, Evidence, collect, rows_of_keys
from tillthen.pit.oracle.labels import State, learned
from tillthen.pit.oracle.lives import Event, Row, events_of, known_since
from tillthen.pit.oracle.plain import plain_set
from tillthen.sources.events.money import read_columns
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.schema import declared_types

OF, BAD = "@decision", "@bad"
Learned = tuple[object, int | None, State]
"""The id of a decision, and what is known of it since when."""


def evidence_of(found: DataFrame, group: FeatureSet, tables: Mapping[str, DataFrame], keys: DataFrame) -> Evidence:
    """The evidence about ``keys``; ``found`` are their rows (`rows_of_keys`) of the table that the engine reads.

    ``tables`` are by the name of their source, also of those that the set's source is made of.
    """
    evidence = collect(found, group)
    if not isinstance(group.source.made_of, LabelEvents):
        return evidence
    stated = _restated(group, group.source.made_of, tables, keys)
    return Evidence(evidence.frame, collect(rows_of_keys(stated, group, keys), group).rows)


def _restated(group: FeatureSet, made: LabelEvents, tables: Mapping[str, DataFrame], keys: DataFrame) -> DataFrame:
    """The label events of the decisions that have, whatever their label, one of the keys."""
    source, (decided, came) = group.source, (tables[part.name] for part in made.sources)
    decisions = _decisions(decided, made.decisions, _of_keys(decided, group, made, keys))
    ids = decisions.select(widened(decisions, str(source.id)).alias(OF), F.lit(0).alias(NUMBER)).distinct()
    own, theirs = _alone(made.decisions, {OF: quoted(str(source.id))}), made.label.source
    outcomes = _alone(theirs, {OF: made.label.key, BAD: made.label.positive})
    rows = _learned(_rows(decided, own, ids), _rows(came, outcomes, ids), made)
    return _as_table(decisions, rows, source, made)


def _of_keys(decided: DataFrame, group: FeatureSet, made: LabelEvents, keys: DataFrame) -> DataFrame:
    """The ids of decisions that have one of the keys under some label."""
    states = F.array(*[F.lit(state).cast("boolean") for state in (True, False, None)])
    known = F.lit(None).cast("timestamp").alias(str(group.source.known_time))
    possible = decided.select("*", F.explode(states).alias(made.label.name), known)
    texts = tuple((name, text) for name, text in group.rows.columns if name in group.entity)
    keyed = FeatureSet(group.name, made.decisions, group.entity, Rows(made.decisions.name, None, texts))
    return rows_of_keys(possible, keyed, keys).select(F.col(quoted(str(group.source.id))).alias("@id")).distinct()


def _decisions(decided: DataFrame, source: Source, ids: DataFrame) -> DataFrame:
    """All rows of these decisions, brought to the driver."""
    read = read_columns(decided, source, decided.columns, declared_types(decided, source))
    mine = read.join(F.broadcast(ids), F.col(quoted(str(source.id))) == F.col("`@id`"), "left_semi")
    return read.sparkSession.createDataFrame(mine.toArrow(), schema=mine.schema)


def _alone(source: Source, columns: Mapping[str, str]) -> FeatureSet:
    """These row expressions over a source, by the first, as a set without features."""
    return FeatureSet(source.name, source, (OF,), Rows(source.name, None, tuple(columns.items())))


def _rows(table: DataFrame, group: FeatureSet, keys: DataFrame) -> tuple[Source, Sequence[Row]]:
    """The rows of these keys as a plain source has them."""
    found = collect(rows_of_keys(table, group, keys), group).rows
    return plain_set(group).source, [row for rows in found.values() for row in rows]


def _learned(
    decisions: tuple[Source, Sequence[Row]], outcomes: tuple[Source, Sequence[Row]], made: LabelEvents
) -> list[Learned]:
    """What is known of each decision and since when; one that is never known has a single row, to be told of."""
    bad: dict[object, list[Event]] = {}
    for event in events_of(*outcomes):
        if event.row[BAD] is True:
            bad.setdefault(event.row[OF], []).append(event)
    lost = {row[OF] for row in outcomes[1] if known_since(outcomes[0], row) is None and row[BAD] is not False}
    found: list[Learned] = []
    for one in events_of(*decisions):
        decision = one.row[OF]
        found += [(decision, at, state) for at, state in learned(one, bad.get(decision, []), decision in lost, made)]
    told = {decision for decision, _, _ in found}
    never = {row[OF]: known_since(decisions[0], row) for row in decisions[1] if row[OF] not in told}
    return [*found, *((decision, known, None) for decision, known in never.items())]


def _as_table(decisions: DataFrame, rows: Sequence[Learned], source: Source, made: LabelEvents) -> DataFrame:
    """A table as `tillthen.sources.events.labelled.label_events` makes it."""
    id_ = decisions.schema[str(source.id)].dataType
    schema = StructType([StructField("@id", id_), StructField("@at", LongType()), StructField("@state", BooleanType())])
    known = decisions.sparkSession.createDataFrame(list(rows), schema)
    return decisions.join(F.broadcast(known), F.col(quoted(str(source.id))) == F.col("`@id`")).select(
        *[F.col(quoted(name)) for name in decisions.columns],
        F.col("`@state`").alias(made.label.name),
        F.timestamp_micros("`@at`").alias(str(source.known_time)),
    )
