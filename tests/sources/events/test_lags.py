from __future__ import annotations

import pytest

from tillthen import Source, seconds
from tillthen.sources.events.lags import doubts, lags


def test_lags_hold_the_delay_and_count_zero_and_negative_ones(spark):
    rows = [(0, 0), (0, 3), (5, 1), (None, 1), (1, None)]
    frame = spark.createDataFrame(rows, "at int, seen int").selectExpr(
        "timestamp_seconds(at) AS at", "timestamp_seconds(seen) AS seen"
    )
    found = lags(frame, Source("s", event_time="at", known_time="seen"))
    assert {**found, "seconds": None} == {"rows": 3, "at_once": 1 / 3, "before": 1 / 3, "seconds": None}
    assert (found["seconds"]["0"], found["seconds"]["0.5"], found["seconds"]["1"]) == (-4.0, 0.0, 3.0)
    assert lags(frame, Source("s", event_time="at", delay=seconds(2)))["seconds"]["0"] == 2.0


@pytest.mark.parametrize(
    ("options", "shares", "said"),
    [
        ({}, (1.0, 0.0), "Source 's' declares no known_time and no delay"),
        ({"known_time": "seen"}, (0.995, 0.0), "Source 's': 99.5% of its rows are known the instant they happen"),
        ({"known_time": "seen"}, (0.5, 0.02), "Source 's': 2.0% of its rows are known before they happen"),
    ],
)
def test_what_looks_wrong_is_doubted(options, shares, said):
    (doubt,) = doubts(Source("s", event_time="at", **options), {"at_once": shares[0], "before": shares[1]})
    assert doubt.startswith(said)


def test_what_looks_right_is_not():
    assert doubts(Source("s", event_time="at", known_time="seen"), {"at_once": 0.9, "before": 0.01}) == []
