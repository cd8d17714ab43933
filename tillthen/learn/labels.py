"""Labels as known at a time: section 7 of the clock contract.

At time T a decision is positive where a positive outcome with known time <= T is not retracted by T; unknown where an
outcome has no known time; negative where as_of + maturity <= T; immature otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.label import Label
from tillthen.define.rows import quoted
from tillthen.pit.frame import unix_micros
from tillthen.sources.clock import KNOWN_FROM, KNOWN_TO, with_clock
from tillthen.sources.events import prepare
from tillthen.sources.schema import declared_types
from tillthen.sources.text import typed

LABEL, STATE = "__label", "__state"
DECISION = "__decision"


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a label's source.

    ``positive``: for each positive outcome its ``__decision`` and the microseconds ``__known_from`` <= T <
    ``__known_to`` (null for ever) in which it is known. ``unknown``: decisions with an outcome whose known time is
    null. ``facts`` are what was counted of the source.
    """

    positive: DataFrame
    unknown: DataFrame
    facts: dict[str, int]


def outcomes(table: DataFrame, label: Label) -> Outcomes:
    """Read the outcomes of decisions from the label source's table."""
    events = prepare(table, label.source, label.reads)
    decision = F.col(quoted(label.decision)).alias(DECISION)
    bad = events.frame.where(label.positive).select(decision, KNOWN_FROM, KNOWN_TO)
    clocked = with_clock(typed(table, label.source, label.reads, declared_types(table, label.source)), label.source)
    possible = F.coalesce(F.expr(label.positive), F.lit(True))
    lost = clocked.where(F.col(KNOWN_FROM).isNull() & possible).select(decision).distinct()
    return Outcomes(bad, lost, events.facts)


def as_known(rows: DataFrame, id: str, as_of: str, found: Outcomes, label: Label, at: datetime) -> DataFrame:
    """``rows`` with ``__label`` (1, 0 or null) and ``__state`` as known at ``at``.

    ``as_of`` names a column of microseconds since the epoch. States are "positive", "negative", "immature" and
    "unknown"; the label is null in the last two.
    """
    t = unix_micros(at)
    known = F.col(KNOWN_FROM) <= t
    standing = F.col(KNOWN_TO).isNull() | (F.col(KNOWN_TO) > t)
    positive = found.positive.where(known & standing).select(DECISION, F.lit(True).alias("__positive")).distinct()
    unknown = found.unknown.select(DECISION, F.lit(True).alias("__unknown"))
    state = (
        F.when(F.col("__positive"), "positive")
        .when(F.col("__unknown"), "unknown")
        .when(F.col(as_of) + label.maturity.micros <= t, "negative")
        .otherwise("immature")
    )
    joined = rows.withColumn(DECISION, F.col(quoted(id))).join(positive, DECISION, how="left")
    return (
        joined.join(unknown, DECISION, how="left")
        .withColumn(STATE, state)
        .withColumn(LABEL, F.when(F.col(STATE) == "positive", 1).when(F.col(STATE) == "negative", 0).cast("tinyint"))
        .drop(DECISION, "__positive", "__unknown")
    )
