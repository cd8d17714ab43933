"""One set of features, the same bits on every line of Spark, pandas, pyarrow and Java."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random

import tillthen
from tillthen import (
    Source,
    count,
    count_distinct,
    days,
    feature_set,
    hours,
    last_n,
    latest,
    lifetime,
    mean,
    median,
    mode,
    quantile,
    rate,
    stddev,
    time_since_last,
    top_k,
    variance,
)
from tillthen import max as greatest
from tillthen import sum as total
from tillthen.pit.audit.agreement import bits

GOLDEN = Path(__file__).with_name("golden.json")
START = datetime(2024, 3, 30, tzinfo=UTC)
SCHEMA = ("id int, card string, at timestamp_ntz, seen timestamp_ntz, gone timestamp_ntz, cents bigint, money double, "
          "exact decimal(18,3), shop string, good boolean")  # fmt: skip
PAYMENTS = Source("payments", id="id", event_time="at", known_time="seen", retracted_time="gone",
                  timezone="Europe/Paris", delay=hours(1))  # fmt: skip


@feature_set(source=PAYMENTS, entity="card")
def cards(payments):
    return payments.select("card", "cents", "money", "exact", "shop", "good")


WINDOWS = (hours(30), days(9), lifetime, latest(5))
cards.features(
    count().over(*WINDOWS),
    *(total(column).over(*WINDOWS) for column in ("cents", "money", "exact")),
    *(mean(column).over(*WINDOWS) for column in ("cents", "money", "exact")),
    *(stddev(column).over(*WINDOWS) for column in ("cents", "money", "exact")),
    variance("money").over(*WINDOWS),
    greatest("shop").over(*WINDOWS),
    count_distinct("shop", where="good").over(*WINDOWS),
    rate("good").over(*WINDOWS),
    last_n("money", 3).over(*WINDOWS),
    mode("shop").over(*WINDOWS),
    top_k("cents", 2).over(*WINDOWS),
    median("money").over(*WINDOWS),
    quantile("exact", 0.9).over(*WINDOWS),
    time_since_last("cents").over(*WINDOWS),
)


def payments():
    """Payments around a change of clocks, some late, some withdrawn, some of nothing."""
    random = Random(2024)
    for id in range(400):
        at = datetime(2024, 3, 29) + timedelta(minutes=random.randint(0, 14 * 1440))
        seen = at + timedelta(minutes=random.choice([0, 0, 0, 7, 3000]))
        gone = seen + timedelta(days=2) if random.random() < 0.1 else None
        cents = random.choice([None, random.randint(-5, 10**6), 2**53 + random.randint(0, 9)])
        money = random.choice([None, random.lognormvariate(3, 4), -0.0, 1e12, 0.01])
        exact = random.choice([None, Decimal(random.randint(-(10**9), 10**9)) / 1000])
        shop = random.choice([None, "a", "b", "é", "\U0001f600"])
        yield id, random.choice("xyz"), at, seen, gone, cents, money, exact, shop, random.choice([None, True, False])


def digests(spark):
    """A hash of every feature's values in the order of the spine."""
    spine = [(i, "xyz"[i % 3], START + timedelta(hours=i)) for i in range(300)]
    frame = tillthen.point_in_time(
        spark.createDataFrame(spine, "row int, card string, as_of timestamp"),
        [cards],
        sources={"payments": spark.createDataFrame(list(payments()), SCHEMA)},
    )
    rows = frame.orderBy("row").collect()
    return {name: sha256(repr([bits(row[name]) for row in rows]).encode()).hexdigest() for name in cards.feature_names}


def test_the_same_bits_everywhere(spark):
    assert digests(spark) == json.loads(GOLDEN.read_text())
