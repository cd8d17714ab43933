"""The neutral cases, answered by the engine in Spark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tillthen import cli

CASES = sorted((Path(__file__).parents[4] / "shared" / "cases").glob("*.json"))

# The two examples of the format's description: a sum over the last 10 units, and an average of what was known.
EXAMPLES = [
    {"id": "w", "query": {"columns": ["k", "t", "v"], "rows": [["a", 0, 1], ["a", 5, 2], ["a", 10, 4]]}, "union": [],
     "semantics": {"kind": "window_agg", "partition": ["k"], "order": "t", "frame": "rows_range", "start": 10,
                   "start_open": True, "end": 0, "end_open": False, "end_is_current_row": True, "maxsize": None,
                   "exclude_current_time": False, "exclude_current_row": False, "instance_not_in_window": False},
     "select": [{"col": "t"}, {"agg": "sum", "col": "v", "as": "s"}],
     "expected": {"columns": ["t", "s"], "rows": [[0, 1], [5, 3], [10, 6]], "ordered": False}},
    {"id": "b", "query": {"columns": ["listing_id", "event", "ts", "ds"],
                          "rows": [[1, 9, "2021-04-10 03:00:00", "2021-04-10"]], "key": ["listing_id"], "ts": "ts"},
     "ledger": {"columns": ["listing_id", "event_ts", "rating", "known_ts", "sign"],
                "rows": [[1, "2021-04-10 01:00:00", 4, "2021-04-10 01:00:00", 1],
                         [1, "2021-04-10 01:00:00", 4, "2021-04-10 02:00:00", -1],
                         [1, "2021-04-10 02:00:00", 2, "2021-04-10 02:00:00", 1]]},
     "semantics": {"kind": "bitemporal_agg", "agg": "avg(rating)", "known": "known_ts < query.ts",
                   "event": "event_ts < query.ts", "window": None},
     "expected": {"columns": ["listing_id", "ts", "event", "rating_average", "ds"],
                  "rows": [[1, "2021-04-10 03:00:00", 9, 2.0, "2021-04-10"]]}},
]  # fmt: skip


def file(folder, cases):
    path = folder / "cases.json"
    path.write_text(json.dumps({"format": "pit-cases/1", "source": {}, "note": "", "cases": cases}))
    return str(path)


@pytest.mark.skipif(not CASES, reason="the shared cases are not beside the project")
def test_every_shared_case_passes(spark, capsys):
    assert cli.main(["conformance", *map(str, CASES)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed 21 failed 0 unsupported 0"


def test_the_formats_own_examples_pass_and_are_explained(spark, tmp_path, capsys):
    assert cli.main(["conformance", "-v", file(tmp_path, EXAMPLES)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed 2 failed 0 unsupported 0"


def test_a_wrong_expectation_fails_with_its_own_exit_code(spark, tmp_path, capsys):
    wrong = json.loads(json.dumps(EXAMPLES[:1]))
    wrong[0]["expected"]["rows"][1][1] = 2
    assert cli.main(["conformance", file(tmp_path, wrong)]) != 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed 0 failed 1 unsupported 0"


def test_a_file_of_another_form_is_one_line(spark, tmp_path, capsys):
    path = tmp_path / "cases.json"
    path.write_text("{}")
    assert cli.main(["conformance", str(path)]) == 4
    assert len(capsys.readouterr().err.strip().splitlines()) <= 2
