"""What a backtest reads: the built feature table at one version, and the outcomes of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.decide.costs import CostTable
from tillthen.define.backtest import Backtest
from tillthen.define.errors import DataContractError, sentence
from tillthen.define.fingerprint import fingerprint
from tillthen.define.rows import quoted
from tillthen.learn.labels import LABEL, STATE, Outcomes, as_known, outcomes
from tillthen.pit.frame import unix_micros
from tillthen.runtime.arrays import Bools, Ints
from tillthen.runtime.config import Config, TableConfig
from tillthen.runtime.failures import expression_errors
from tillthen.sources.clock import KNOWN_FROM, KNOWN_TO
from tillthen.sources.read import read_table
from tillthen.sources.times import micros
from tillthen.tables.commit import Version, latest_version
from tillthen.tables.pins import Pin, pin

TIME = "__as_of"
COSTS = ("approve_fraud", "decline_genuine", "decline_fraud")
DAY = 86_400_000_000


@dataclass(frozen=True)
class Part:
    """Rows of one window of a fold with their labels as known at one time.

    ``frame`` holds the features, ``__as_of`` in microseconds, ``__label``, ``__state``, ``__amount`` and the costs.
    """

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def count(self, state: str) -> int:
        """How many rows are "positive", "negative", "immature" or "unknown"."""
        return int((self.frame[STATE] == state).sum())

    @property
    def known(self) -> Part:
        """The rows that are positive or negative."""
        return Part(self.frame[self.frame[LABEL].notna()].reset_index(drop=True))

    @property
    def labels(self) -> Ints:
        """1 and 0 of rows that are `known`."""
        return self.frame[LABEL].to_numpy(dtype=np.int64)

    @property
    def days(self) -> Ints:
        """The day of each row, since the epoch, in UTC."""
        return self.frame[TIME].to_numpy(dtype=np.int64) // DAY

    @property
    def costs(self) -> CostTable:
        """What mistakes on each row cost."""
        return CostTable(*(self.frame[f"__{name}"].to_numpy(dtype=np.float64) for name in COSTS))

    def where(self, rows: Bools) -> Part:
        """Some of the rows."""
        return Part(self.frame[rows].reset_index(drop=True))


@dataclass(frozen=True)
class Data:
    """A backtest's inputs, pinned."""

    backtest: Backtest
    table: DataFrame
    version: Version
    pins: dict[str, Pin]
    outcomes: Outcomes
    span: tuple[datetime, datetime]

    def rows(self, start: datetime, end: datetime, known_at: datetime) -> DataFrame:
        """The table's rows with as_of in [start, end) and their labels as known at a time."""
        spine = self.backtest.table.spine
        window = self.table.where((F.col(TIME) >= unix_micros(start)) & (F.col(TIME) < unix_micros(end)))
        return as_known(window, str(spine.source.id), TIME, self.outcomes, self.backtest.label, known_at)

    def part(self, start: datetime, end: datetime, known_at: datetime) -> Part:
        """The same on the driver: only the columns that training and evaluation read, in order of the row id."""
        id = str(self.backtest.table.spine.source.id)
        card = [self.backtest.card] if self.backtest.card else []
        wanted = dict.fromkeys([id, *card, *self.backtest.table.features])
        rows = self.rows(start, end, known_at).select(
            *[F.col(quoted(name)) for name in (*wanted, TIME, LABEL, STATE)], *_money(self.backtest)
        )
        with expression_errors(f"Backtest '{self.backtest.name}'"):
            frame = rows.toArrow().to_pandas()
        return Part(frame.sort_values([TIME, id], kind="stable").reset_index(drop=True))

    def arrivals(self) -> list[tuple[int, int]]:
        """How many positive outcomes became known each whole number of days after their decision."""
        id = F.col(quoted(str(self.backtest.table.spine.source.id))).alias("__decision")
        found = self.table.select(id, TIME).join(self.outcomes.positive, "__decision", how="inner")
        lag = F.ceil((F.col(KNOWN_FROM) - F.col(TIME)) / DAY).cast("int").alias("lag")
        return [(row["lag"], row["count"]) for row in found.groupBy(lag).count().orderBy("lag").collect()]

    def known_positives(self, since: datetime) -> pd.DataFrame:
        """Positive decisions with as_of >= ``since``: their card and when, in microseconds, they were known."""
        spine, card = self.backtest.table.spine, str(self.backtest.card)
        rows = self.table.where(F.col(TIME) >= unix_micros(since)).select(
            F.col(quoted(str(spine.source.id))).alias("__decision"), F.col(quoted(card)).alias("card")
        )
        found = rows.join(self.outcomes.positive, "__decision", how="inner")
        return (
            found.select("card", F.col(KNOWN_FROM).alias("known"), F.col(KNOWN_TO).alias("retracted"))
            .toArrow()
            .to_pandas()
        )


def open_data(spark: SparkSession, config: Config, backtest: Backtest) -> Data:
    """Pin and check what a backtest reads; a table built from other definitions is refused."""
    table = backtest.table
    where = f"Backtest '{backtest.name}'"
    built = TableConfig(format="delta", path=f"{config.warehouse}/{table.name}")
    pinned, reading = pin(spark, built, table.name)
    version = latest_version(spark, built.path)
    if version.commit is None or version.commit.definitions_hash != fingerprint(table):
        raise DataContractError(
            sentence(f"{where}: table '{table.name}' was built from other definitions",
                     expected=fingerprint(table), got=version.commit and version.commit.definitions_hash,
                     fix=f"Run 'tillthen build {table.name}' again.")
        )  # fmt: skip
    source = table.spine.source
    frame = read_table(spark, reading, table.name)
    time = micros(F.col(quoted(table.spine.as_of)), frame.schema[table.spine.as_of].dataType, source.timezone, "end",
                  "earlier")  # fmt: skip
    label_pin, label_table = pin(spark, config.table(backtest.label.source.table), backtest.label.source.table)
    found = outcomes(read_table(spark, label_table, backtest.label.source.table), backtest.label)
    clocked = frame.withColumn(TIME, time)
    pins = {table.name: pinned, backtest.label.source.table: label_pin}
    data = Data(backtest, clocked, version, pins, found, _span(clocked, where))
    _check_folds(data, where)
    return data


def _money(backtest: Backtest) -> list[Column]:
    terms = {"__amount": f"({backtest.costs.amount})"}
    terms |= {f"__{name}": getattr(backtest.costs, name) for name in COSTS}
    return [F.expr(text).cast("double").alias(name) for name, text in terms.items()]


def _span(table: DataFrame, where: str) -> tuple[datetime, datetime]:
    found = table.agg(F.min(TIME), F.max(TIME)).first()
    if found is None or found[0] is None:
        raise DataContractError(sentence(f"{where}: its feature table is empty", fix="Check the sources' paths."))
    return moment(found[0]), moment(found[1])


def moment(micros: int) -> datetime:
    """Microseconds since the epoch as a time in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def _check_folds(data: Data, where: str) -> None:
    start, end = data.span
    for fold in data.backtest.folds:
        if fold.train_from > end or fold.test_from > end or fold.test_to <= start or fold.train_to <= start:
            raise DataContractError(
                sentence(f"{where}: fold {fold.number}", expected=f"windows within the data, {start} to {end}",
                         got=f"train {fold.train_from} to {fold.train_to}, test {fold.test_from} to {fold.test_to}",
                         fix="Move 'start' or lower 'count' in Folds.")
            )  # fmt: skip
