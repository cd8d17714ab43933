"""Labels as known at a time, against the contract's section 7 as a loop in Python."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tillthen import Label, Source, Unobserved, seconds
from tillthen.learn.labels import LABEL, STATE, as_known
from tillthen.sources.events.outcomes import outcomes, unobserved

START = datetime(2024, 1, 1, tzinfo=UTC)
MATURITY = 30
LABEL_ = Label(
    "fraud",
    Source("disputes", event_time="opened", known_time="arrived", retracted_time="won"),
    decision="payment",
    positive="kind = 'fraud'",
    maturity=seconds(MATURITY),
)


def moment(second):
    return None if second is None else START + timedelta(seconds=second)


def state_at(decided, disputes, t):
    """The contract, word for word."""
    unknown = False
    for kind, opened, arrived, won in disputes:
        if kind not in ("fraud", None):
            continue
        if arrived is None:
            unknown = True
            continue
        if (
            kind == "fraud"
            and opened is not None
            and arrived <= t
            and (won is None or won > t)
            and (won is None or won > arrived)
        ):
            return "positive"
    if unknown:
        return "unknown"
    return "negative" if decided + MATURITY <= t else "immature"


def ask(spark, decisions, disputes, t):
    micros = "unix_micros(at) AS __as_of"
    rows = spark.createDataFrame([(i, moment(s)) for i, s in enumerate(decisions)], "id int, at timestamp")
    table = spark.createDataFrame(
        [(i, kind, *map(moment, times)) for i, kind, *times in disputes],
        "payment int, kind string, opened timestamp, arrived timestamp, won timestamp",
    )
    found = as_known(rows.selectExpr("id", micros), "id", "__as_of", outcomes(table, LABEL_), LABEL_, moment(t))
    return {row["id"]: (row[STATE], row[LABEL]) for row in found.collect()}


def test_an_outcome_counts_from_its_arrival_to_the_microsecond(spark):
    disputes = [(0, "fraud", 0, 40, None)]
    assert ask(spark, [0], disputes, 40)[0] == ("positive", 1)
    just_before = START + timedelta(seconds=40, microseconds=-1)
    rows = spark.createDataFrame([(0, START)], "id int, at timestamp").selectExpr("id", "unix_micros(at) AS __as_of")
    table = spark.createDataFrame(
        [(0, "fraud", START, moment(40), None)],
        "payment int, kind string, opened timestamp, arrived timestamp, won timestamp",
    )
    found = as_known(rows, "id", "__as_of", outcomes(table, LABEL_), LABEL_, just_before).first()
    assert found[STATE] == "negative"


def test_states_of_every_kind(spark):
    disputes = [
        (1, "fraud", 0, 10, None),  # a fraud
        (2, "fraud", 0, 10, 20),  # won back
        (3, "fraud", 0, None, None),  # arrived nobody knows when
        (4, "service", 0, 10, None),  # no fraud
        (5, "fraud", 0, None, None),
        (5, "fraud", 0, 10, None),  # two outcomes, one known
    ]
    decisions = [0, 0, 0, 0, 0, 0, 15]
    found = ask(spark, decisions, disputes, 40)
    assert [found[i][0] for i in range(7)] == [
        "negative", "positive", "negative", "unknown", "negative", "positive", "immature",
    ]  # fmt: skip
    assert [found[i][1] for i in range(7)] == [0, 1, 0, None, 0, 1, None]


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds(spark, seed):
    r = random.Random(seed)
    decisions = [r.randrange(60) for _ in range(60)]
    disputes = []
    for _ in range(80):
        arrived = r.choice([None, r.randrange(100), r.randrange(100), r.randrange(100)])
        won = r.choice([None, None, r.randrange(100)])
        disputes.append((r.randrange(70), r.choice(["fraud", "fraud", "service", None]), r.randrange(60), arrived, won))
    t = r.randrange(30, 100)
    expected = {i: state_at(decided, [d[1:] for d in disputes if d[0] == i], t) for i, decided in enumerate(decisions)}
    assert {i: state for i, (state, _) in ask(spark, decisions, disputes, t).items()} == expected


def test_a_decision_that_can_have_no_outcome_is_unknown_from_when_that_is_known(spark):
    rows = spark.createDataFrame([(i, START) for i in range(4)], "id int, at timestamp")
    table = spark.createDataFrame(
        [(1, "fraud", START, moment(10), None)],
        "payment int, kind string, opened timestamp, arrived timestamp, won timestamp",
    )
    answers = spark.createDataFrame(
        [(0, "no", START, moment(5)), (1, "no", START, moment(5)), (2, "yes", START, moment(5)),
         (3, "no", START, moment(50))],
        "payment int, answer string, at timestamp, answered timestamp",
    )  # fmt: skip
    source = Source("answers", id="payment", event_time="at", known_time="answered")
    declared = Unobserved(source, "answer <> 'yes'")
    found = replace(outcomes(table, LABEL_), unobserved=unobserved(answers, declared))
    asked = rows.selectExpr("id", "unix_micros(at) AS __as_of")

    def states(second):
        known = as_known(asked, "id", "__as_of", found, LABEL_, moment(second)).orderBy("id").collect()
        return [row[STATE] for row in known]

    assert states(40) == ["unknown", "positive", "negative", "negative"]
    assert states(50) == ["unknown", "positive", "negative", "unknown"]
    assert states(4) == ["immature"] * 4
