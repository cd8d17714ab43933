"""Section 3 of the contract: from rows to events, and when each is known."""

from __future__ import annotations

import pytest

from tillthen.define.arguments.duration import Duration
from tillthen.define.faults.errors import DataContractError
from tillthen.define.sources.source import Source
from tillthen.pit.oracle.lives import events_of

PLAIN = Source("s", event_time="at", id="id", known_time="known", retracted_time="gone")
CORRECTED = Source("s", event_time="at", id="id", known_time="known", retracted_time="gone", versions=True)


def lives(source, *rows):
    """Value, known and until of each event; rows are id, event time, known time, retracted time, value."""
    names = ("id", "at", "known", "gone", "v")
    return [(e.row["v"], e.known, e.until) for e in events_of(source, [dict(zip(names, r, strict=True)) for r in rows])]


def test_a_row_is_known_from_its_known_time_until_it_is_retracted():
    assert lives(PLAIN, (1, 0, 5, None, "a"), (2, 0, 5, 9, "b")) == [("a", 5, None), ("b", 5, 9)]


def test_rows_that_are_never_visible():
    rows = [(1, None, 5, None, "a"), (2, 0, None, None, "b"), (3, 0, 5, 5, "c"), (4, 9, 5, None, "d")]
    assert lives(PLAIN, *rows) == [("d", 5, None)]


def test_the_delay_is_added_to_what_is_known_and_to_nothing_else():
    late = Source("s", event_time="at", delay=Duration(3))
    assert lives(late, (1, 7, None, None, "a")) == [("a", 10, None)]
    late = Source("s", event_time="at", known_time="known", retracted_time="gone", delay=Duration(3))
    assert lives(late, (1, 7, 7, 12, "a"), (1, 7, 7, 10, "b")) == [("a", 10, 12)]


def test_identical_rows_collapse_and_different_ones_are_refused():
    assert lives(PLAIN, (1, 0, 5, None, "a"), (1, 0, 5, None, "a")) == [("a", 5, None)]
    with pytest.raises(DataContractError, match="'id' 1 has different rows"):
        lives(PLAIN, (1, 0, 5, None, "a"), (1, 0, 5, None, "b"))
    with pytest.raises(DataContractError, match="'id' is null"):
        lives(PLAIN, (None, 0, 5, None, "a"))


def test_a_version_lives_until_the_next_one_is_known():
    rows = [(1, 0, 9, None, "c"), (1, 0, 5, None, "a"), (1, 0, 7, 8, "b"), (1, 0, None, None, "never")]
    assert lives(CORRECTED, *rows) == [("a", 5, 7), ("b", 7, 8), ("c", 9, None)]


def test_a_version_without_event_time_or_marked_deleted_hides_the_row():
    rows = [(1, 0, 5, None, "a"), (1, None, 7, None, "b")]
    assert lives(CORRECTED, *rows) == [("a", 5, 7)]
    deleting = Source("s", event_time="at", id="id", known_time="known", versions=True, deleted="v")
    assert lives(deleting, (1, 0, 5, None, False), (1, 0, 7, None, True)) == [(False, 5, 7)]


def test_versions_of_one_known_time_need_a_sequence():
    rows = [(1, 0, 5, None, "a"), (1, 0, 5, None, "b"), (1, 0, 5, None, "a")]
    with pytest.raises(DataContractError, match="nothing orders versions of 'id' 1"):
        lives(CORRECTED, *rows)
    ordered = Source("s", event_time="at", id="id", known_time="known", versions=True, sequence="v")
    assert lives(ordered, *rows) == [("b", 5, None)]
