"""How figures are made of times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.measure import Took, at_most, faster, in_turns, not_run, save, show
from benchmarks.processor import processor_seconds


def test_a_ratio_is_the_median_of_the_turns_ratios():
    ours, theirs = Took([2, 30, 4], [2, 3, 4]), Took([1, 10, 4], [2, 2, 2])
    result = at_most("n", ours, theirs, 1.2, "d")
    assert (result.ratio, result.holds) == (2, False)
    assert result.detail == "4.0 s by 4.0 s; of processors' time 1.50; d"
    assert faster("n", theirs, ours, 2, "d").holds


def test_turns_alternate_and_the_first_warms_up():
    ran: list[str] = []
    took = in_turns({"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}, rounds=2)
    assert ran == ["a", "b"] * 3
    assert [len(one.clock) for one in took.values()] == [2, 2]


def test_a_result_replaces_the_one_of_its_name_and_a_rival_that_did_not_run_says_why(tmp_path):
    path = tmp_path / "results.json"
    save(path, [not_run("a", "at least 3", "no wheel"), not_run("b", "at least 8", "no wheel")])
    save(path, [at_most("b", Took([1], [0]), Took([1], [0]), 1.2, "d")])
    kept = json.loads(path.read_text())
    assert [(one["name"], one["holds"]) for one in kept] == [("a", None), ("b", True)]
    assert show([not_run("a", "at least 3", "no wheel")]) == "not run         -  (at least 3)  a: no wheel"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell processors' times this way")
def test_the_processors_time_grows_with_work():
    before = processor_seconds()
    sum(i * i for i in range(2_000_000))
    assert processor_seconds() > before
