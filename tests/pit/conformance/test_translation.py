"""Random cases of every kind: the translation, answered by the oracle, is what the format's description says."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pit.conformance import reference
from tests.pit.conformance.answering import ask_oracle
from tillthen.pit.conformance.cases import Case, case_of
from tillthen.pit.conformance.run import judge, translated

often = settings(max_examples=300)
seeds = st.integers(0, 2**32 - 1).map(Random)
flags = st.booleans()


def check(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    case: Case = case_of({**raw, "id": "random", "expected": expected})
    outcome = judge(translated(Path("random.json"), case), ask_oracle)
    assert (outcome.verdict, outcome.details) == ("passed", ()), json.dumps({**raw, "expected": expected})


def maybe(random: Random, value: Any) -> Any:
    return None if random.random() < 0.15 else value


@often
@given(
    seeds,
    st.fixed_dictionaries(
        {
            "bound": st.sampled_from(["<=", "<"]),
            "tolerance": st.sampled_from([None, 0, 1, 2, 2.5]),
            "join": st.sampled_from(["left", "inner"]),
            "null_policy": st.sampled_from(["row", "last_non_null"]),
            "known_bound": st.sampled_from([None, "<="]),
        }
    ),
    st.sampled_from([None, "g"]),
)
def test_asof(random: Random, semantics: dict[str, Any], tie_break: str | None):
    def feature(name: str) -> dict[str, Any]:
        most = {"t": 6, "known": 7, "g": 2}
        rows = [
            [maybe(random, random.choice("ab")), *(maybe(random, random.randint(0, n)) for n in most.values()), i]
            for i in range(random.randint(0, 8))
        ]
        rows = [[*row[:4], maybe(random, row[4])] for row in rows]
        columns = ["k", "t", "known", "g", "v"]
        return {"name": name, "columns": columns, "rows": rows, "key": ["k"], "ts": "t", "known_ts": "known",
                "tie_break": tie_break}  # fmt: skip

    rows = [[i, maybe(random, random.choice("ab")), maybe(random, random.randint(0, 7))] for i in range(5)]
    query = {"columns": ["i", "k", "t"], "rows": rows, "key": ["k"], "ts": "t"}
    features = [feature(name) for name in ("x", "y")[: random.randint(1, 2)]]
    raw = {"query": query, "features": features, "semantics": {"kind": "asof", **semantics}}
    check(raw, reference.asof(raw))


SELECT = [{"col": "i"}, {"agg": "count", "col": "*", "as": "rows"}] + [
    {"agg": agg, "col": "v", "as": agg} for agg in ("sum", "count", "min", "max", "avg", "distinct_count")
]


@often
@given(
    seeds,
    st.fixed_dictionaries(
        {
            "frame": st.sampled_from(["rows", "rows_range"]),
            "start": st.sampled_from([None, 0, 1, 2, 4]),
            "start_open": flags,
            "end": st.sampled_from([0, 0, 1, 2]),
            "end_open": flags,
            "end_is_current_row": flags,
            "maxsize": st.sampled_from([None, 1, 2, 3]),
            "exclude_current_time": flags,
            "exclude_current_row": flags,
            "instance_not_in_window": flags,
        }
    ),
)
def test_window_agg(random: Random, semantics: dict[str, Any]):
    def rows(size: int) -> list[list[Any]]:
        return [
            [i, maybe(random, random.choice("ab")), maybe(random, random.randint(0, 4)), maybe(random, 2**i)]
            for i in range(size)
        ]

    query = {"columns": ["i", "k", "t", "v"], "rows": rows(random.randint(0, 7))}
    unions = [{"columns": ["k", "t", "v"], "rows": [r[1:] for r in rows(3)]} for _ in range(random.randint(0, 2))]
    semantics = {"kind": "window_agg", "partition": ["k"], "order": "t", **semantics}
    raw = {"query": query, "union": unions, "semantics": semantics, "select": SELECT}
    check(raw, reference.window_agg(raw))


@often
@given(seeds, st.sampled_from([None, "1h", "3h"]))
def test_bitemporal(random: Random, window: str | None):
    def moment() -> str | None:
        return maybe(random, f"2021-04-10 {random.randint(0, 8):02}:{random.choice([0, 20, 59]):02}:00")

    def entry() -> list[list[Any]]:
        """A value, and now and then its withdrawal."""
        added = [maybe(random, random.randint(1, 2)), moment(), maybe(random, random.randint(1, 5)), moment(), 1]
        gone = moment()
        withdrawn = [[*added[:3], gone, -1]] if gone and added[3] and gone >= added[3] and random.random() < 0.5 else []
        return [added, *withdrawn]

    ledger = [row for _ in range(random.randint(0, 8)) for row in entry()]
    query = {
        "columns": ["k", "ts"],
        "rows": [[random.randint(1, 2), moment()] for _ in range(5)],
        "key": ["k"],
        "ts": "ts",
    }
    semantics = {
        "kind": "bitemporal_agg",
        "agg": "avg(v)",
        "known": "known_ts < query.ts",
        "event": "event_ts < query.ts",
    }
    table = {"columns": ["k", "event_ts", "v", "known_ts", "sign"], "rows": random.sample(ledger, len(ledger))}
    raw = {"query": query, "ledger": table, "semantics": {**semantics, "window": window}}
    check(raw, reference.bitemporal_agg(raw))
