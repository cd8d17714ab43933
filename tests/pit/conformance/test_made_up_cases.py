"""Cases at the edges of the format, with answers worked out by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.pit.conformance.answering import ask_oracle
from tillthen.define.faults.errors import DataContractError, UsageError
from tillthen.pit.conformance.cases import case_of, read_cases
from tillthen.pit.conformance.run import Summary, judge, run_files, translated

CASES = Path(__file__).parent / "cases"
PASSING = sorted(path for path in CASES.glob("*.json") if path.stem != "unsupported")


@pytest.mark.parametrize(
    ("path", "case"),
    [(path, case) for path in PASSING for case in read_cases(path)],
    ids=lambda value: getattr(value, "id", ""),
)
def test_the_oracle_answers_as_expected(path, case):
    assert judge(translated(path, case), ask_oracle).details == ()


def test_so_does_the_engine(spark, capsys):
    passed = sum(len(read_cases(path)) for path in PASSING)
    assert run_files(spark, PASSING, verbose=True) == Summary(passed, 0, 0), capsys.readouterr().out


def test_what_the_contract_has_no_words_for_says_which_rule(spark, capsys):
    cases = read_cases(CASES / "unsupported.json")
    assert run_files(spark, [CASES / "unsupported.json"]) == Summary(0, 0, len(cases))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0::2] == [f"unsupported unsupported.json: {case.id}" for case in cases]
    assert all(re.search(r"\(contract, [1-5]\)$", line) for line in lines[1::2])


QUERY = {"columns": ["k", "t"], "rows": [["a", 1]], "key": ["k"], "ts": "t"}
FEATURE = {"name": "x", "columns": ["k", "t"], "rows": [["a", 1]], "key": ["k"], "ts": "t"}
ASOF = {"id": "c", "query": QUERY, "features": [FEATURE], "semantics": {"kind": "asof", "bound": "<="},
        "expected": {"columns": ["k"], "rows": [["a"]]}}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "cases.json is not JSON"),
        ("[]", "'format': expected 'pit-cases/1', got 'list'"),
        ({"format": "pit-cases/2", "cases": []}, "'format': expected 'pit-cases/1', got 'pit-cases/2'"),
        ({"format": "pit-cases/1"}, "'cases': expected a list"),
        ([{**ASOF, "semantics": {"kind": "join"}}], "case 'c': semantics.kind: expected 'asof' or .*, got 'join'"),
        ([{**ASOF, "query": {**QUERY, "rows": [["a"]]}}], r"case 'c': query.rows: expected 2 values, got \['a'\]"),
        ([{**ASOF, "query": {**QUERY, "ts": "tt"}}], "case 'c': a table lacks 'tt'. Did you mean 't'?"),
        ([{**ASOF, "features": None}], "case 'c': features: expected a list, got None"),
        ([{**ASOF, "semantics": {"kind": "asof", "bound": "="}}], "case 'c': semantics.bound: expected '<=' or '<'"),
        (
            [{**ASOF, "query": {**QUERY, "rows": [["a", "noon"]]}, "features": []}],
            "case 'c': a time: expected an ISO time or a number",
        ),
        (
            [{**ASOF, "query": {**QUERY, "rows": [["a", "2026-01-01"]]}}],
            "case 'c': times: expected all text or all num",
        ),
        (
            [{**ASOF, "expected": {"columns": ["x.w"], "rows": []}}],
            "case 'c': expected.columns: expected columns of th",
        ),
    ],
)
def test_a_malformed_file_is_one_line(spark, tmp_path, content, fault):
    whole = {"format": "pit-cases/1", "cases": content} if isinstance(content, list) else content
    path = tmp_path / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(whole))
    with pytest.raises(DataContractError, match=fault) as raised:
        run_files(spark, [path])
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_one_line(spark, tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file or directory. Name a file"):
        run_files(spark, [tmp_path / "nowhere.json"])


def test_a_wrong_answer_fails_and_says_what_was_expected():
    case = case_of({**ASOF, "expected": {"columns": ["k", "x.t"], "rows": [["a", 2], ["a", 1]]}})
    outcome = judge(translated(Path("cases.json"), case), ask_oracle)
    assert (outcome.verdict, outcome.details) == ("failed", ("expected ('a', 2)",))
