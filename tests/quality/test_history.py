from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from tillthen.quality.history import History
from tillthen.quality.results import GateResult

RESULT = GateResult("Source 's'", "volume", "stop", "20240102T001000Z-a", "2024-01-01", "2024-01-02T00:00:00+00:00",
                    "not met", 10)  # fmt: skip


def test_the_last_that_was_judged_is_last_though_its_run_is_named_by_a_clock_that_is_behind(tmp_path: Path):
    history = History(str(tmp_path / "gates"), {})
    later = replace(RESULT, run_id="20240102T000500Z-b", verdict="met")
    history.append([RESULT])
    history.append([later])
    assert history.read() == [RESULT, later]


def test_results_of_before_turns_were_counted_come_first(tmp_path: Path):
    history = History(str(tmp_path / "gates"), {})
    old = {"subject": "s", "expectation": "volume", "day": "2024-01-01", "verdict": "not met"}
    write_deltalake(history.path, pa.Table.from_pylist([old | {"result": json.dumps(RESULT.facts())}]))
    later = replace(RESULT, run_id="20240101T000000Z-b")
    history.append([later])
    assert history.read() == [RESULT, later]
