import pytest

from tillthen.define.expression import parse


def test_columns_are_found_in_order_and_once():
    assert parse("hour(at) <= 6 AND amount > 0 OR at IS NULL").columns == ("at", "amount")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rand() < 0.1", "not deterministic"),
        ("uuid()", "not deterministic"),
        ("at < current_timestamp()", "not deterministic"),
        ("at < now()", "not deterministic"),
        ("sum(amount)", "aggregates"),
        ("row_number() over (order by at)", "aggregates"),
        ("amount > (select max(amount) from t)", "holds a query"),
        ("amount >", "not a row expression"),
        ("(amount", "not a row expression"),
    ],
)
def test_what_depends_on_more_than_the_row_is_a_fault(text, fault):
    assert fault in " ".join(parse(text).faults)


@pytest.mark.parametrize(
    "text", ["amount * 2", "country <> 'GB'", "weekday(at) >= 5", "greatest(a, b)", "coalesce(a, 0)"]
)
def test_row_expressions_have_no_fault(text):
    assert parse(text).faults == ()
