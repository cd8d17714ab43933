"""Runs are kept once, in their order."""

from __future__ import annotations

import json

import pytest

from tillthen.define.faults.errors import ReportError
from tillthen.report.pages.history import keep, runs


def write(path, number):
    path.write_text(json.dumps({"run": number}))
    return path


def test_a_run_is_kept_unless_the_one_before_is_the_same(tmp_path):
    facts = tmp_path / "facts.json"
    for number in (1, 1, 2, 1):
        keep(write(facts, number))
    assert [json.loads(run.read_text())["run"] for run in runs(facts)] == [1, 2, 1]
    assert [run.name[:5] for run in runs(facts)] == ["0001-", "0002-", "0003-"]
    assert runs(facts)[0].name[5:] == runs(facts)[2].name[5:]  # equal facts have equal hashes


def test_what_is_not_a_kept_run_is_passed_over_and_order_is_by_number(tmp_path):
    facts = write(tmp_path / "facts.json", 1)
    first = keep(facts)
    (first.parent / "notes.json").write_text("{}")
    first.rename(first.with_name("9999" + first.name[4:]))
    keep(write(facts, 2))
    assert [run.name.partition("-")[0] for run in runs(facts)] == ["9999", "10000"]


def test_facts_that_cannot_be_read_are_one_sentence(tmp_path):
    with pytest.raises(ReportError, match="cannot be kept in 'history': No such file"):
        keep(tmp_path / "facts.json")
    assert not (tmp_path / "history").exists()
