import pytest

from tests.pit.kernel.aggregations.asking import ask

SECOND = 1_000_000


@pytest.mark.parametrize(("kind", "expected"), [("time_since_first", [None, 1.0, 2.5, 9.0]),
                                                ("time_since_last", [None, 1.0, 0.5, 7.0])])  # fmt: skip
def test_seconds_to_the_instant_of_the_decision(kind, expected):
    events = [(0, "x"), (2 * SECOND, "x")]
    assert ask(kind, events, [0, SECOND, 2_500_000, 9 * SECOND]) == expected


def test_events_without_a_value_do_not_count_where_a_column_is_named():
    events = [(0, None), (1 * SECOND, "x"), (2 * SECOND, None)]
    assert ask("time_since_first", events, [SECOND, 5 * SECOND]) == [None, 4.0]
    assert ask("time_since_last", events, [SECOND, 5 * SECOND]) == [None, 4.0]


def test_a_late_event_is_as_old_as_its_event_time_and_a_retracted_one_is_gone():
    events = [(0, "x"), (4 * SECOND, "x", 6 * SECOND, 8 * SECOND)]
    assert ask("time_since_last", events, [5 * SECOND, 6 * SECOND, 8 * SECOND]) == [5.0, 2.0, 8.0]
