"""A night's cost by the length of history: a feature table of one day, on sources of 90, 360 and 720 days."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.data import DAY, START, Shape, events
from benchmarks.measure import Result, Run, in_turns
from tillthen.materialize.runs.build import Wanted, build
from tillthen.runtime.config import load_config
from tillthen.tables.days import Days

HISTORIES = (90, 360, 720)
A_DAY = 10_000
DECLARED = '''
from tillthen import FeatureTable, Source, Spine, count, days, feature_set, hours, stddev, sum

payments = Source("payments", id="row", event_time="at", known_time="known", event_date="day")


@feature_set(source=payments, entity="card")
def spending(payments):
    """How much a card spends."""
    return payments.select("card", "amount")


spending.features(*(kind.over(hours(1), days(1), days(7), days(30))
                    for kind in (count(), sum("amount"), stddev("amount"))))

nights = FeatureTable("nights", spine=Spine(payments, as_of="at", known=["card", "amount"]), feature_sets=[spending])
'''


def benchmark(spark: SparkSession, folder: Path) -> list[Result]:
    """The longest history's night by the shortest's."""
    took = in_turns({f"{days} days": _nights(spark, folder, days) for days in HISTORIES})
    ratio = took[f"{HISTORIES[-1]} days"].by(took[f"{HISTORIES[0]} days"])
    detail = ", ".join(f"{name}: {one.seconds:.1f} s" for name, one in took.items())
    return [Result("a night by the length of history", round(ratio, 3), "at most 1.3", ratio <= 1.3,
                   f"{detail}; {A_DAY:,} events a day, windows to 30 days")]  # fmt: skip


def _nights(spark: SparkSession, folder: Path, history: int) -> Run:
    """What builds another night of a history's end each time."""
    last = _history(spark, folder, history)
    config = load_config(folder / f"nights-{history}" / "conf.yaml")
    nights = (last - timedelta(days=back) for back in count())

    def build_one() -> None:
        day = next(nights)
        build(config, config.project(), wanted=Wanted(Days(day, day)))

    return build_one


def _history(spark: SparkSession, folder: Path, days: int) -> date:
    """A Delta table of so many days in partitions, and a project on it; the last day that is whole."""
    root = folder / f"nights-{days}"
    shutil.rmtree(root, ignore_errors=True)
    (root / "features").mkdir(parents=True)
    (root / "features" / "nights.py").write_text(DECLARED)
    (root / "conf.yaml").write_text(
        f"{{root: {root}, features: [features/nights.py], warehouse: {root}/wh, "
        f"tables: {{payments: {{path: {root}/payments}}}}}}"
    )
    frame = spark.read.parquet(str(events(folder, Shape(days * A_DAY, days=days, seed=2))))
    frame = frame.withColumn("day", F.to_date("at"))
    frame.repartition("day").write.format("delta").partitionBy("day").save(f"{root}/payments")
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + (days - 1) * DAY)).date()
