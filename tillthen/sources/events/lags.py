"""How long after an event its row was known, as far as the declared clocks say: something to doubt."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import EVENT_TIME, KNOWN_FROM, with_clock
from tillthen.sources.reading.schema import declared_types
from tillthen.sources.reading.text import typed
from tillthen.sources.reading.times import FARTHEST, saturated

QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
MOSTLY, SOMETIMES = 0.99, 0.01


def lags(table: DataFrame, source: Source) -> dict[str, object]:
    """The distribution of known time - event time, the delay included, over rows that have both.

    ``rows``; the shares of lags that are zero, ``at_once``, and negative, ``before``; ``seconds`` by quantile.
    """
    names = list(source.clock_columns)
    clocked = with_clock(typed(table, source, names, declared_types(table, source)), source)
    lag = saturated(F.col(KNOWN_FROM), -FARTHEST, FARTHEST) - F.col(EVENT_TIME)
    row = clocked.agg(
        F.count(lag).alias("rows"),
        F.count_if(lag == 0).alias("at_once"),
        F.count_if(lag < 0).alias("before"),
        F.percentile_approx(lag, list(QUANTILES), 10_000).alias("lags"),
    ).first()
    assert row is not None
    rows = max(row["rows"], 1)
    seconds = {f"{share:g}": lag / 1e6 for share, lag in zip(QUANTILES, row["lags"] or [], strict=False)}
    return {"rows": row["rows"], "at_once": row["at_once"] / rows, "before": row["before"] / rows, "seconds": seconds}


def doubts(source: Source, found: dict[str, object]) -> list[str]:
    """What in a distribution of lags makes the declaration look wrong."""
    at_once, before = float(str(found["at_once"])), float(str(found["before"]))
    said = []
    if source.known_time is None and not source.delay.micros:
        said.append("declares no known_time and no delay: each row counts as known the instant it happens")
    elif source.known_time is not None and at_once >= MOSTLY:
        said.append(f"{at_once:.1%} of its rows are known the instant they happen: "
                    f"is '{source.known_time}' a copy of '{source.event_time}'?")  # fmt: skip
    if before > SOMETIMES:
        said.append(f"{before:.1%} of its rows are known before they happen")
    return [f"Source '{source.name}' {text}" if text.startswith("declares") else f"Source '{source.name}': {text}"
            for text in said]  # fmt: skip
