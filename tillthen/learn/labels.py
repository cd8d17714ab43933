"""Labels as known at a time: section 7 of the clock contract.

At time T a decision is positive where a positive outcome with known time <= T is not retracted by T; unknown where an
outcome has no known time, or where it is known by T that the decision can have none; negative where as_of + maturity
<= T; immature otherwise.
"""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.sources.label import Label
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.events.outcomes import DECISION, POSITIVE, UNKNOWN, UNOBSERVED, Outcomes, refuse_decisions
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.times import unix_micros

LABEL, STATE = "__label", "__state"


def as_known(rows: DataFrame, id: str, as_of: str, found: Outcomes, label: Label, at: datetime) -> DataFrame:
    """``rows`` with ``__label`` (1, 0 or null) and ``__state`` as known at ``at``.

    ``as_of`` names a column of microseconds since the epoch. States are "positive", "negative", "immature" and
    "unknown"; the label is null in the last two. Ids that cannot be compared exactly are refused.
    """
    refuse_decisions(rows, id, found, label)
    known = F.when(F.col(STATE) == "positive", 1).when(F.col(STATE) == "negative", 0).cast("tinyint")
    joined = with_outcomes(rows, id, found).withColumn(STATE, state_at(as_of, label, at)).withColumn(LABEL, known)
    return joined.drop(DECISION, POSITIVE, UNKNOWN, UNOBSERVED)


def with_outcomes(rows: DataFrame, id: str, found: Outcomes) -> DataFrame:
    """``rows``, each once, with what `state_at` needs of the outcomes of the decision in their column ``id``."""
    return rows.withColumn(DECISION, widened(rows, id)).join(found.by_decision, DECISION, how="left")


def state_at(as_of: str, label: Label, at: datetime) -> Column:
    """The state, as known at ``at``, of rows `with_outcomes`."""
    t = unix_micros(at)
    return (
        F.when(_stands(POSITIVE, t), "positive")
        .when(F.col(UNKNOWN) | _stands(UNOBSERVED, t), "unknown")
        .when(F.col(as_of) + label.maturity.micros <= t, "negative")
        .otherwise("immature")
    )


def _stands(intervals: str, t: int) -> Column:
    """Whether the time is in one of the intervals; null where there are none."""
    return F.exists(intervals, lambda o: (o[KNOWN_FROM] <= t) & (o[KNOWN_TO].isNull() | (o[KNOWN_TO] > t)))
