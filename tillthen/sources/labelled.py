"""Labels as events: section 7 of the clock contract, for features made of labels."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.label import LabelEvents
from tillthen.define.rows import quoted
from tillthen.define.source import Source
from tillthen.sources.clock import EVENT_TIME, KNOWN_FROM, KNOWN_TO, with_clock
from tillthen.sources.outcomes import DECISION, outcomes
from tillthen.sources.schema import declared_types
from tillthen.sources.text import typed

FOUND, UNKNOWN, POINT, MATURE = "__found", "__unknown", "__point", "__mature"


def label_events(decisions: DataFrame, outcome_rows: DataFrame, source: Source) -> DataFrame:
    """The versions of each decision, one for each instant at which something is learned of it.

    ``decisions`` and ``outcome_rows`` are the tables of the sources that ``source`` is made of. The versions have the
    decisions' columns, the label and the source's known time.
    """
    made = source.made_of
    assert made is not None
    label, columns = made.label, decisions.columns
    read = typed(decisions, made.decisions, columns, declared_types(decisions, made.decisions))
    known = outcomes(outcome_rows, label)
    by_decision = known.positive.groupBy(DECISION).agg(F.collect_list(F.struct(KNOWN_FROM, KNOWN_TO)).alias(FOUND))
    unknown = known.unknown.select(DECISION, F.lit(True).alias(UNKNOWN))
    rows = with_clock(read, made.decisions).withColumn(DECISION, F.col(quoted(str(source.id))))
    rows = rows.join(by_decision, DECISION, "left").join(unknown, DECISION, "left")
    mature = rows.withColumn(MATURE, F.col(EVENT_TIME) + label.maturity.micros)
    return mature.withColumn(POINT, F.explode(_points())).select(
        *[F.col(quoted(name)) for name in columns],
        _state(made).alias(label.name),
        F.timestamp_micros(POINT).alias(str(source.known_time)),
    )


def _points() -> Column:
    """When something may be learned: the decision, each outcome's arrival and retraction, maturity."""
    found = F.coalesce(FOUND, F.array())
    times = [F.array(KNOWN_FROM, MATURE), F.transform(found, lambda o: o[KNOWN_FROM]),
             F.transform(found, lambda o: o[KNOWN_TO])]  # fmt: skip
    return F.array_distinct(F.filter(F.concat(*times), lambda point: point.isNotNull()))


def _state(made: LabelEvents) -> Column:
    """What is known of a decision at the point: true, false, or null where nothing is."""
    point = F.col(POINT)
    found = F.coalesce(FOUND, F.array())
    stands = F.exists(found, lambda o: (o[KNOWN_FROM] <= point) & (o[KNOWN_TO].isNull() | (o[KNOWN_TO] > point)))
    won = F.exists(found, lambda o: F.coalesce(o[KNOWN_TO] <= point, F.lit(False)))
    immature = F.lit(False) if made.immature_is_good else F.lit(None).cast("boolean")
    good = F.when(won | (point >= F.col(MATURE)), False).otherwise(immature)
    return F.when(stands, True).when(F.col(UNKNOWN), None).otherwise(good)
