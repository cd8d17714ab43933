import pandas as pd

from tillthen.backtest.data import DAY, TIME, Part
from tillthen.backtest.exclusions import compromised


def test_a_card_is_out_from_the_day_after_its_fraud_was_known_until_it_is_retracted():
    # rows at noon of days 0 to 5 of card a, and of day 3 of card b
    frame = pd.DataFrame({"card": [*"aaaaaa", "b"], TIME: [day * DAY + DAY // 2 for day in (0, 1, 2, 3, 4, 5, 3)]})
    positives = pd.DataFrame({"card": ["a"], "known": [2 * DAY - 1], "retracted": [4 * DAY]})
    assert compromised(Part(frame), "card", positives).tolist() == [False, False, True, True, True, False, False]


def test_what_is_known_only_as_the_day_begins_does_not_count():
    frame = pd.DataFrame({"card": ["a"], TIME: [2 * DAY]})
    positives = pd.DataFrame({"card": ["a"], "known": [2 * DAY], "retracted": [float("nan")]})
    assert compromised(Part(frame), "card", positives).tolist() == [False]
