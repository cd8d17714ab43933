"""Labels as known at a time: section 7 of the clock contract.

At time T a decision is positive where a positive outcome with known time <= T is not retracted by T; unknown where an
outcome has no known time, or where it is known by T that the decision can have none; negative where as_of + maturity
<= T; immature otherwise.
"""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.label import Label
from tillthen.define.rows import quoted
from tillthen.pit.frame import unix_micros
from tillthen.sources.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.outcomes import DECISION, Outcomes

LABEL, STATE = "__label", "__state"


def as_known(rows: DataFrame, id: str, as_of: str, found: Outcomes, label: Label, at: datetime) -> DataFrame:
    """``rows`` with ``__label`` (1, 0 or null) and ``__state`` as known at ``at``.

    ``as_of`` names a column of microseconds since the epoch. States are "positive", "negative", "immature" and
    "unknown"; the label is null in the last two.
    """
    t = unix_micros(at)
    unknown = found.unknown.select(DECISION)
    if found.unobserved is not None:
        unknown = unknown.union(_standing(found.unobserved, t)).distinct()
    state = (
        F.when(F.col("__positive"), "positive")
        .when(F.col("__unknown"), "unknown")
        .when(F.col(as_of) + label.maturity.micros <= t, "negative")
        .otherwise("immature")
    )
    joined = (
        rows.withColumn(DECISION, F.col(quoted(id)))
        .join(_standing(found.positive, t).withColumn("__positive", F.lit(True)), DECISION, how="left")
        .join(unknown.withColumn("__unknown", F.lit(True)), DECISION, how="left")
    )
    return (
        joined.withColumn(STATE, state)
        .withColumn(LABEL, F.when(F.col(STATE) == "positive", 1).when(F.col(STATE) == "negative", 0).cast("tinyint"))
        .drop(DECISION, "__positive", "__unknown")
    )


def _standing(known: DataFrame, t: int) -> DataFrame:
    """The decisions of rows that are known at a time, each once."""
    stands = F.col(KNOWN_TO).isNull() | (F.col(KNOWN_TO) > t)
    return known.where((F.col(KNOWN_FROM) <= t) & stands).select(DECISION).distinct()
