"""How long outcomes take to arrive, from what had arrived: young decisions have had less time, and count for less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyspark.sql import functions as F

from tillthen.backtest.rows.inputs import DAY, TIME, Data
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.events.outcomes import DECISION
from tillthen.sources.reading.keys import widened
from tillthen.sources.reading.times import unix_micros

Arrival = tuple[int, int, int]
"""Whole days to the arrival, whole days in which it could have been seen, and how many outcomes had both."""


def arrivals(data: Data) -> list[Arrival]:
    """The positive outcomes that were known at the evaluation time, by their lag and by the age of their decision."""
    at = unix_micros(data.evaluation_time)
    decisions = data.table.select(widened(data.table, data.id).alias(DECISION), TIME)
    standing = F.col(KNOWN_TO).isNull() | (F.col(KNOWN_TO) > at)
    known = data.outcomes.positive.where((F.col(KNOWN_FROM) <= at) & standing)
    lag = F.greatest(F.ceil((F.col(KNOWN_FROM) - F.col(TIME)) / DAY), F.lit(0)).cast("int").alias("lag")
    age = F.ceil((at - F.col(TIME)) / DAY).cast("int").alias("age")
    counted = known.join(decisions, DECISION, how="inner").groupBy(lag, age).count()
    return sorted((row["lag"], row["age"], row["count"]) for row in counted.collect())


def maturity_curve(found: Sequence[Arrival]) -> list[dict[str, float]]:
    """Share of the positives that arrive within so many days, of those that ever arrive within the longest lag seen.

    F(x) = product over lags u > x of 1 - n_u / R_u, where n_u outcomes took u days, and R_u took at most u and could
    have been seen had they taken u: the estimator for data that is cut off on the right (Lynden-Bell 1971; Lagakos,
    Barraj and De Gruttola 1988). A plain share of what has arrived would take young decisions for quick ones.

    >>> maturity_curve([(1, 1, 50), (1, 9, 50), (5, 9, 50)])
    [{'days': 1.0, 'share': 0.5}, {'days': 5.0, 'share': 1.0}]
    """
    if not found:
        return []
    lags, ages, counts = np.array(found, dtype=np.float64).T
    share, curve = 1.0, []
    for lag in np.unique(lags)[::-1]:
        curve.append({"days": float(lag), "share": share})
        at_risk = counts[(lags <= lag) & (ages >= lag)].sum()
        share *= float(1 - counts[lags == lag].sum() / at_risk)
    return curve[::-1]
