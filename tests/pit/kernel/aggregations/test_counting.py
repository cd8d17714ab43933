import pyarrow as pa

from tests.pit.kernel.aggregations.asking import ask


def test_any_is_true_for_one_false_for_none_and_null_without_an_answer():
    events = [(0, None), (1, False), (2, True), (3, None)]
    assert ask("any", events, [0, 1, 2, 3, 4]) == [None, None, False, True, True]
    assert ask("any", events, [3, 4, 5, 6], length=2) == [True, True, None, None]
    assert ask("any", [], [1], type_=pa.bool_()) == [None]
