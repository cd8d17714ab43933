"""The intervals' promise, on 200 worlds; minutes."""

from pathlib import Path

import pytest

from benchmarks import intervals
from benchmarks.measure import save, show

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_intervals_hold_the_truth_about_as_often_as_they_say():
    found = intervals.benchmark(ROOT / "warehouse" / "benchmarks")
    print(show(found))
    save(ROOT / "benchmarks" / "results.json", found)
    assert len(found) == 6
    assert [result.name for result in found if not result.holds] == []


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    first = intervals.benchmark(tmp_path, count=1, truths=1)
    monkeypatch.setattr(intervals, "draw", None)  # nothing is drawn again
    assert intervals.benchmark(tmp_path, count=1, truths=1) == first
