"""What a worker holds of one large key, whatever its features keep of it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from tillthen import Source, last_n, latest, lifetime, mean, top_k
from tillthen import sum as total
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.rows import Rows
from tillthen.pit.partition.stage import AS_OF, SPINE, Stage, field_column, key_column
from tillthen.pit.partition.worker import carry
from tillthen.pit.spark.members import stream_of

ROWS, FEW = 20_000, 1000
MOST_BYTES = 150_000_000
"""Of a matrix of rows times `FEW` there would be 160 MB, and several."""


def batch_of(stream, *, late):
    random = np.random.default_rng(0)
    time, true = np.arange(ROWS) * 1000, pa.array(np.ones(ROWS, dtype=bool))
    fields = {"time": time, "value0": random.integers(1, 10_000, ROWS)}
    if late:
        known = time + np.where(random.random(ROWS) < 0.1, random.integers(0, 10**6, ROWS), 0)
        gone = pa.array(known + random.integers(1, 10**7, ROWS), mask=random.random(ROWS) < 0.9)
        fields |= {"from": known, "to": gone}
    columns = {key_column(0): np.zeros(ROWS, dtype=np.int64), SPINE: true, field_column(SPINE, AS_OF): time,
               stream.column: true}  # fmt: skip
    return pa.record_batch(columns | {field_column(stream.column, name): of for name, of in fields.items()})


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize(
    "features",
    [
        [total("amount").over(latest(FEW)), mean("amount").over(latest(FEW, skip=5))],
        [last_n("amount", FEW).over(lifetime)],
        [top_k("amount", FEW).over(lifetime)],
    ],
    ids=["latest", "last_n", "top_k"],
)
def test_a_key_is_never_taken_times_the_events_that_are_kept(features, late):
    clock = {"known_time": "seen", "retracted_time": "gone"} if late else {}
    source = Source("payments", event_time="at", **clock)
    group = FeatureSet("f", source, ("card",), Rows("payments").select("card", "amount"))
    group.features(*features)
    stage = Stage(("card",), (stream_of(group, "__events"),))
    batch = batch_of(stage.streams[0], late=late)
    read = {name: i for i, name in enumerate(batch.schema.names)}
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    rows = most = 0
    for piece in carry(stage, [], read, [batch]):
        rows += len(piece)
        most = max(most, pa.total_allocated_bytes() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == ROWS
    assert peak + most < MOST_BYTES
