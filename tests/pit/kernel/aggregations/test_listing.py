import pyarrow as pa

from tests.pit.kernel.aggregations.asking import ask


def test_the_latest_come_last_with_their_nulls():
    events = [(0, 10), (1, None), (2, 30), (3, 40)]
    assert ask("last_n", events, [0, 1, 2, 3, 4], 3) == [None, [10], [10, None], [10, None, 30], [None, 30, 40]]


def test_a_window_may_hold_fewer_or_none():
    assert ask("last_n", [(0, 10), (5, 50)], [2, 5, 6, 20], 9, length=5) == [[10], [10], [50], None]
    assert ask("last_n", [], [2], 9, type_=pa.int64()) == [None]


def test_late_and_retracted_events_stand_at_their_own_time():
    # time 1 is known from 4 to 6
    events = [(0, "a"), (1, "late", 4, 6), (2, "b")]
    assert ask("last_n", events, [3, 4, 5, 6], 2) == [["a", "b"], ["late", "b"], ["late", "b"], ["a", "b"]]
