"""One Spark session for the whole run, and a small project to run jobs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from tillthen.runtime.session import spark_session

# Without a deadline: the first example of a Spark test starts Spark. The same examples in every run; "make test-long"
# draws many more.
settings.register_profile("tillthen", deadline=None, derandomize=True)
settings.load_profile("tillthen")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Two cores, small shuffles, Delta, a warehouse that goes away."""
    session = spark_session(
        {
            "spark.master": "local[2]",
            "spark.driver.memory": "2g",
            # On a few rows Java's thorough compiler takes longer than its code saves.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",  # on a few rows compiling takes longer than interpreting
            "spark.databricks.delta.snapshotPartitions": "2",
            "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        },
        app="tests",
    )
    yield session
    session.stop()


CARDS = '''
"""A card's payments."""
from tillthen import FeatureTable, Source, Spine, count, days, feature_set, sum

payments = Source("payments", id="payment", event_time="at", columns={"card": "string", "amount": "bigint"})


@feature_set(source=payments, entity="card")
def spending(payments):
    """How much a card spends."""
    return payments.select("card", "amount")


spending.features(count().over(days(7)), sum("amount").over(days(7)))

cards = FeatureTable(
    "cards",
    spine=Spine(payments, as_of="at", known=["card", "amount"]),
    row_features=["amount"],
    derived={"large": "amount > 100"},
    feature_sets=[spending],
)
'''

PAYMENTS = [
    {"payment": 1, "card": "a", "at": datetime(2024, 1, 1, 23, tzinfo=UTC), "amount": 50},
    {"payment": 2, "card": "a", "at": datetime(2024, 1, 2, 1, tzinfo=UTC), "amount": 150},
    {"payment": 3, "card": "b", "at": datetime(2024, 1, 2, 2, tzinfo=UTC), "amount": 7},
]


@dataclass(frozen=True)
class TeamFolder:
    """A small project on disk: its configuration, its declarations, its one table."""

    root: Path

    @property
    def conf(self) -> Path:
        return self.root / "conf" / "test.yaml"

    @property
    def declarations(self) -> Path:
        return self.root / "features" / "cards.py"

    def pay(self, payments: list[dict[str, Any]]) -> None:
        """Write the payments in place of those before."""
        pq.write_table(pa.Table.from_pylist(payments), self.root / "payments.parquet")


@pytest.fixture
def team(tmp_path: Path) -> TeamFolder:
    """Three payments of two cards, and a feature table of them."""
    return team_folder(tmp_path)


def team_folder(parent: Path) -> TeamFolder:
    """What `team` gives, in a folder that may live longer than a test."""
    folder = TeamFolder(parent / "team")
    for file in (folder.conf, folder.declarations):
        file.parent.mkdir(parents=True)
    folder.declarations.write_text(CARDS)
    folder.conf.write_text(
        "{features: [features/cards.py], warehouse: wh, tables: {payments: {format: parquet, path: payments.parquet}}}"
    )
    folder.pay(PAYMENTS)
    return folder
