"""Windows, ties and one's own event, on tables small enough to check by eye."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tillthen import count, first, last, latest, leak, lifetime, sum
from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DataContractError
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.rows import Rows
from tillthen.define.sources.source import Source
from tillthen.pit import oracle


def ask(events, questions, features, *, source=None, condition=None, **options):
    """The only feature for questions (key, as_of, id, tie), over events (key, time, id, tie, value)."""
    source = source or Source("s", event_time="at", id="id")
    rows = Rows("s") if condition is None else Rows("s").where(condition)
    group = FeatureSet("g", source, ("k",), rows.select("k", "v", "large"), **options).features(features.named("f"))
    table = [
        {"k": k, "at": at, "id": id_, "tie": tie, "v": v, "large": None if v is None else v > 9}
        for k, at, id_, tie, v in events
    ]
    spine = [{"k": k, "as_of": as_of, "id": id_, "tie": tie} for k, as_of, id_, tie in questions]
    return [row["f"] for row in oracle.compute(spine, [group], {"s": table})]


def at(*times):
    return [("a", time, i, i, 2**i) for i, time in enumerate(times)]


def asked(*times):
    return [("a", time, None, None) for time in times]


@pytest.mark.parametrize(("closed", "expected"), [("left", [0, 1, 2, 2, 1, 0]), ("right", [1, 2, 2, 1, 1, 0])])
def test_windows_of_ten(closed, expected):
    # left: [as_of - 10, as_of)   right: (as_of - 10, as_of]
    assert ask(at(0, 5), asked(0, 5, 6, 10, 11, 100), count().over(Duration(10)), closed=closed) == expected


def test_an_offset_moves_the_window():
    assert ask(at(0), asked(4, 5, 6, 15, 16), count().over(Duration(10), offset=Duration(5))) == [0, 0, 1, 1, 0]


def test_a_key_that_is_null_or_unknown_or_an_as_of_that_is_null_sees_nothing():
    questions = [(None, 9, None, None), ("b", 9, None, None), ("a", None, None, None)]
    events = [(None, 0, 1, 0, 1), ("a", 0, 2, 0, 1)]
    assert ask(events, questions, sum("v").over(lifetime)) == [None, None, None]
    assert ask(events, questions, count().over(lifetime)) == [0, 0, 0]


def test_within_a_tie_only_what_comes_no_later():
    events = [*at(5, 5), ("a", 5, 9, None, 100)]
    questions = [("a", 5, None, tie) for tie in (None, 0, 1)] + [("a", 6, None, None)]
    got = ask(events, questions, sum("v").over(lifetime), closed="right", within_tie="tie")
    assert got == [None, 1, 3, 103]


def test_ones_own_event_does_not_count_where_it_is_excluded():
    questions = [("a", 5, id_, None) for id_ in (0, 1, None)]
    assert ask(at(1, 2), questions, sum("v").over(lifetime), exclude_self=True) == [2, 1, 3]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (latest(2), 24),
        (latest(2, skip=1), 12),
        (latest(9, within=Duration(3)), 28),
        (latest(9, skip=9), None),
        (latest(9, skip=3), 3),
    ],
)
def test_the_latest_few(window, expected):
    assert ask(at(0, 1, 2, 3, 4), asked(5), sum("v").over(window)) == [expected]


def test_the_latest_few_are_counted_after_where():
    assert ask(at(0, 1, 2, 3, 4), asked(5), first("v", where="large").over(latest(2))) == [16]


def test_rows_that_do_not_pass_the_sets_condition_are_no_events():
    assert ask([*at(0, 1, 2, 3), ("a", 4, 4, 4, None)], asked(9), count().over(lifetime), condition="large") == [0]
    assert ask(at(0, 1, 2, 3, 4), asked(9), count().over(lifetime), condition="large") == [1]


def test_order_at_one_instant_is_known_time_then_sequence_then_columns():
    def last_of(source, *events):
        return ask(events, asked(9), last("v").over(lifetime), source=source)

    plain = Source("s", event_time="at")
    assert last_of(plain, ("a", 1, 0, 0, 7), ("a", 1, 0, 0, 3), ("a", 1, 0, 0, None)) == [7]
    assert last_of(Source("s", event_time="at", sequence="tie"), ("a", 1, 0, 2, 3), ("a", 1, 0, 1, 7)) == [3]
    arriving = Source("s", event_time="at", known_time="id", sequence="tie")
    assert last_of(arriving, ("a", 1, 5, 1, 3), ("a", 1, 4, 2, 7)) == [3]


def test_windows_before_the_source_is_complete_are_null_where_declared():
    since = datetime(1970, 1, 1, 0, 0, 0, 10, tzinfo=UTC)
    source = Source("s", event_time="at", complete_from=since, incomplete_windows="null")
    window = count().over(Duration(5))
    assert ask(at(12), asked(14, 15), window, source=source) == [None, 1]  # [9, 14) and [10, 15)
    assert ask(at(12), asked(13, 14), window, source=source, closed="right") == [None, 1]  # (8, 13] and (9, 14]
    assert ask(at(12), asked(99), count().over(lifetime), source=source) == [None]


def test_fill_stands_in_for_null_and_for_nothing_else():
    assert ask(at(1), asked(0, 5), sum("v").over(lifetime).fill(7)) == [7, 1]


def test_a_sum_that_does_not_fit_names_feature_key_and_as_of():
    with pytest.raises(DataContractError, match=r"'f' of 'g' for \{'k': 'a'\} as of 5 does not fit bigint"):
        ask([("a", 0, i, 0, 2**62) for i in range(2)], asked(5), sum("v").over(lifetime))


@pytest.mark.parametrize(("closed", "expected"), [("left", [0, 1, 2, 1, 0]), ("right", [1, 2, 1, 0, 0])])
def test_a_leak_looks_ahead_at_what_is_not_known(closed, expected):
    # left: [as_of, as_of + 10)   right: (as_of, as_of + 10]
    source = Source("s", event_time="at", id="id", known_time="tie")
    events = [("a", 10, 1, 99, 1), ("a", 19, 2, 99, 1), ("a", 10, 3, None, 1)]
    assert (
        ask(events, asked(0, 9, 10, 19, 20), count().over(leak(Duration(10))), source=source, closed=closed) == expected
    )
