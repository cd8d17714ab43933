"""How many rows a task may hold."""

from __future__ import annotations

import pytest

from tillthen import Source, count, days, last_n, latest, lifetime, top_k
from tillthen import sum as total
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.rows import Rows
from tillthen.pit.partition.task_sizes import LISTED, TASK_ROWS, rows_a_task


@pytest.mark.parametrize(
    ("features", "rows"),
    [
        ([count().over(days(1)), total("amount").over(latest(100_000))], TASK_ROWS),
        ([last_n("amount", LISTED).over(lifetime)], TASK_ROWS),
        ([last_n("amount", 1000).over(lifetime)], 16_000),
        ([last_n("amount", 500).over(lifetime), top_k("amount", 250).over(days(1), days(7))], 16_000),
        ([last_n("amount", 10_000).over(lifetime)], 1600),
    ],
)
def test_long_lists_make_tasks_smaller_and_nothing_else_does(features, rows):
    group = FeatureSet("f", Source("payments", event_time="at"), ("card",), Rows("payments").select("card", "amount"))
    group.features(*features)
    assert rows_a_task([group]) == rows
    assert rows_a_task([group], 500) == rows // 1000
