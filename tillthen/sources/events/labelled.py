"""Labels as events: section 7 of the clock contract, for features made of labels."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import EVENT_TIME, KNOWN_FROM, KNOWN_TO, with_clock
from tillthen.sources.events.duplicates import refuse_different
from tillthen.sources.events.money import read_columns
from tillthen.sources.events.outcomes import DECISION, POSITIVE, UNKNOWN, outcomes, refuse_decisions
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.schema import declared_types

POINT, MATURE = "__point", "__mature"


def label_events(decisions: DataFrame, outcome_rows: DataFrame, source: Source) -> DataFrame:
    """The versions of each decision, one for each instant at which something is learned of it.

    ``decisions`` and ``outcome_rows`` are the tables of the sources that ``source`` is made of. The versions have the
    decisions' columns, the label and the source's known time.
    """
    made = source.made_of
    assert isinstance(made, LabelEvents), "a source of label events"
    label, columns = made.label, decisions.columns
    read = read_columns(decisions, made.decisions, columns, declared_types(decisions, made.decisions))
    clocked, found, id = with_clock(read, made.decisions), outcomes(outcome_rows, label), str(source.id)
    refuse_decisions(read, id, found, label)
    refuse_different(clocked, made.decisions)
    rows = clocked.withColumn(DECISION, widened(read, id)).join(found.by_decision, DECISION, "left")
    mature = rows.withColumn(MATURE, F.col(EVENT_TIME) + label.maturity.micros)
    return mature.withColumn(POINT, F.explode(_points())).select(
        *[F.col(quoted(name)) for name in columns],
        _state(made).alias(label.name),
        F.timestamp_micros(POINT).alias(str(source.known_time)),
    )


def _points() -> Column:
    """When something may be learned: when the decision is known, and with or after it what came of it.

    That is each outcome's arrival and retraction, and maturity; nothing once the decision is retracted. A decision that
    is never known has one point, null, and is counted by it.
    """
    found = F.coalesce(POSITIVE, F.array())
    ends = found.getField(KNOWN_FROM), found.getField(KNOWN_TO)
    learned = F.filter(F.concat(F.array(MATURE), *ends), lambda point: point.isNotNull())
    since = F.transform(learned, lambda point: F.greatest(point, F.col(KNOWN_FROM)))
    stands = F.filter(since, lambda point: F.col(KNOWN_TO).isNull() | (point < F.col(KNOWN_TO)))
    own = F.array(KNOWN_FROM)
    return F.when(F.col(KNOWN_FROM).isNull(), own).otherwise(F.array_distinct(F.concat(own, stands)))


def _state(made: LabelEvents) -> Column:
    """What is known of a decision at the point: true, false, or null where nothing is."""
    point = F.col(POINT)
    found = F.coalesce(POSITIVE, F.array())
    stands = F.exists(found, lambda o: (o[KNOWN_FROM] <= point) & (o[KNOWN_TO].isNull() | (o[KNOWN_TO] > point)))
    won = F.exists(found, lambda o: F.coalesce(o[KNOWN_TO] <= point, F.lit(False)))
    immature = F.lit(False) if made.immature_is_good else F.lit(None).cast("boolean")
    good = F.when(won | (point >= F.col(MATURE)), False).otherwise(immature)
    return F.when(stands, True).when(F.col(UNKNOWN), None).otherwise(good)
