"""The labels of a training set, kept as they were known.

Features are read again from the version of their table that was pinned: it is the product's own table, whose versions
maintenance keeps, and a copy for each model would hold the same columns many times. Outcomes belong to others, who
vacuum, correct and delete them, or keep them in files without versions. So what training took from them is copied: the
decisions of each window that were positive or unknown when its labels were taken, which are few. All others follow from
their time and the label's maturity.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.backtest.rows.inputs import Data, at_hand
from tillthen.backtest.rows.windows import Window
from tillthen.learn.labels import STATE
from tillthen.runtime.config import TableConfig
from tillthen.runtime.failures import storage_errors, worker_errors
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.events.outcomes import DECISION, Outcomes
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.read import read_table
from tillthen.sources.reading.times import unix_micros
from tillthen.tables.commit import latest_version
from tillthen.tables.pins import Pin, pinned
from tillthen.tables.retention import LOG_STAYS

POSITIVE, UNKNOWN = "positive", "unknown"
NAME = "labels"


def keep_labels(data: Data, windows: Sequence[Window], path: str) -> Pin:
    """Write the decisions that are positive or unknown at their window's ``known_at`` into the Delta table ``path``.

    Windows do not overlap. The table's columns are ``decision``, the row id, and ``state``. What stood there before
    stays readable by its version.
    """
    rows = reduce(DataFrame.unionByName, map(data.rows, windows)).where(F.col(STATE).isin(POSITIVE, UNKNOWN))
    kept = rows.select(widened(data.table, data.id).alias("decision"), F.col(STATE).alias("state"))
    writer = kept.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    with storage_errors(path), worker_errors():
        writer.options(**LOG_STAYS).save(path)
    return Pin(path, "delta", latest_version(kept.sparkSession, path).number)


def kept_labels(spark: SparkSession, pin: Pin, windows: Sequence[Window]) -> Outcomes:
    """The outcomes that give the windows' rows at their ``known_at`` the states they had when they were kept."""
    rows = read_table(spark, pinned(spark, TableConfig(format="delta", path=pin.path), pin, NAME), NAME)

    def of(state: str) -> DataFrame:
        return rows.where(F.col("state") == state).select(F.col("decision").alias(DECISION))

    # A decision is asked for at its own window's time only, and a later one's is no earlier.
    known = min(window.known_at for window in windows)
    positive = of(POSITIVE).withColumn(KNOWN_FROM, F.lit(unix_micros(known)))
    return at_hand(Outcomes(positive.withColumn(KNOWN_TO, F.lit(None).cast("long")), of(UNKNOWN), {}))
