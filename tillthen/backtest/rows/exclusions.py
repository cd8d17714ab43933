"""Test rows of cards that were already known to be compromised."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.rows.inputs import DAY, TIME
from tillthen.define.expressions.literals import quoted
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.events.outcomes import DECISION
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.times import unix_micros

EXCLUDED = "excluded"
RULE = "a card with a fraud since the training began that was known before the day of the payment began"


def marked(test: DataFrame, card: str, positives: DataFrame) -> DataFrame:
    """``test`` with a boolean ``excluded``: rows of day d whose card has a positive that was known before d began.

    That is known time < start of d <= retracted time. ``positives`` has the columns ``__card``, ``__known_from`` and
    ``__known_to`` (microseconds; null for never). A row is in the result once, whatever its card.
    """
    rows = test.withColumn("__day", F.floor(F.col(TIME) / DAY)).withColumn("__card", F.col(quoted(card)))
    began = F.col("__day") * DAY
    standing = F.col(KNOWN_TO).isNull() | (F.col(KNOWN_TO) >= began)
    days = rows.select("__card", "__day").distinct().join(positives, "__card", how="inner")
    known = days.where((F.col(KNOWN_FROM) < began) & standing).select("__card", "__day").distinct()
    found = rows.join(known.withColumn(EXCLUDED, F.lit(True)), ["__card", "__day"], how="left")
    return found.withColumn(EXCLUDED, F.coalesce(EXCLUDED, F.lit(False))).drop("__card", "__day")


def positives_of_cards(table: DataFrame, id: str, card: str, positive: DataFrame, since: datetime) -> DataFrame:
    """The positives with as_of >= ``since``: ``__card``, ``__as_of`` and from when until when each is known."""
    rows = table.where(F.col(TIME) >= unix_micros(since)).select(
        widened(table, id).alias(DECISION), F.col(quoted(card)).alias("__card"), TIME
    )
    return rows.join(positive, DECISION, how="inner").select("__card", TIME, KNOWN_FROM, KNOWN_TO)
