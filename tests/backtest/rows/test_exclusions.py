import pytest

from tillthen.backtest.rows.exclusions import EXCLUDED, marked
from tillthen.backtest.rows.inputs import DAY, TIME


@pytest.fixture
def judged(spark):
    def judge(rows, positives):
        test = spark.createDataFrame([(i, *row) for i, row in enumerate(rows)], f"id int, card string, {TIME} bigint")
        known = spark.createDataFrame(positives, "__card string, __known_from bigint, __known_to bigint")
        found = marked(test, "card", known).orderBy("id").collect()
        assert [row["id"] for row in found] == list(range(len(rows)))
        return [row[EXCLUDED] for row in found]

    return judge


def test_a_card_is_out_from_the_day_after_its_fraud_was_known_until_it_is_retracted(judged):
    # rows at noon of days 0 to 5 of card a, and of day 3 of card b and of no card
    rows = [*(("a", day * DAY + DAY // 2) for day in range(6)), ("b", 3 * DAY + 1), (None, 3 * DAY + 1)]
    assert judged(rows, [("a", 2 * DAY - 1, 4 * DAY)]) == [False, False, True, True, True, False, False, False]


def test_what_is_known_only_as_the_day_begins_does_not_count(judged):
    assert judged([("a", 2 * DAY)], [("a", 2 * DAY, None)]) == [False]


def test_several_frauds_of_a_card_do_not_double_its_rows(judged):
    assert judged([("a", 5 * DAY)] * 2, [("a", 1, None), ("a", 2, None), ("a", 3, None)]) == [True, True]
