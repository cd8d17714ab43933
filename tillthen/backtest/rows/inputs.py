"""What a backtest reads: the built feature table at one version, and the outcomes of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from tillthen.backtest.rows.windows import Window
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, DefinitionError, sentence
from tillthen.define.sources.label import Label
from tillthen.learn.labels import LABEL, as_known, state_at, with_outcomes
from tillthen.learn.sampling import DRAW, draw
from tillthen.materialize.checks.learnable import feature_faults
from tillthen.materialize.rows.built_table import open_built
from tillthen.materialize.rows.spine import as_of_micros
from tillthen.quality.gate import screen
from tillthen.runtime.config import Config, TableConfig
from tillthen.runtime.driver import column_groups
from tillthen.runtime.failures import expression_errors
from tillthen.sources.events.outcomes import Outcomes, outcomes, refuse_decisions, unobserved
from tillthen.sources.reading.keys import Key, key_faults, refuse_keys
from tillthen.sources.reading.read import read_table
from tillthen.sources.reading.times import unix_micros
from tillthen.tables.commit import PARTITION, Version
from tillthen.tables.pins import Pin, pin, pinned

TIME = "__as_of"
DAY = 86_400_000_000
STATES = ("positive", "negative", "immature", "unknown")


@dataclass(frozen=True)
class Data:
    """A backtest's inputs, pinned."""

    backtest: Backtest
    table: DataFrame
    version: Version
    pins: Mapping[str, Pin]
    outcomes: Outcomes
    span: tuple[datetime, datetime]
    _counted: dict[Window, dict[str, int]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The column of the row id."""
        return str(self.backtest.table.spine.source.id)

    def rows(self, window: Window) -> DataFrame:
        """The table's rows of a window with ``__as_of`` in microseconds, ``__label`` and ``__state``."""
        return as_known(self.within(window), self.id, TIME, self.outcomes, self.backtest.label, window.known_at)

    def within(self, *windows: Window) -> DataFrame:
        """The rows of any of the windows, without labels; of the table's partitions only those days are read."""
        return self.table.where(reduce(or_, map(_inside, windows)))

    def count(self, windows: Sequence[Window]) -> None:
        """Count the rows of windows by state, all in one job, so that `counts` has them at hand."""
        label = self.backtest.label
        states = [state_at(TIME, label, window.known_at).alias("state") for window in windows]
        places = [F.when(_inside(window), F.struct(F.lit(i).alias("window"), states[i]))
                  for i, window in enumerate(windows)]  # fmt: skip
        rows = with_outcomes(self.within(*windows), self.id, self.outcomes)
        placed = rows.select(F.explode(F.array_compact(F.array(*places))).alias("in"))
        found = {window: dict.fromkeys(STATES, 0) for window in windows}
        for row in placed.groupBy("in.window", "in.state").count().collect():
            found[windows[row["window"]]][row["state"]] = row["count"]
        self._counted.update(found)

    def counts(self, window: Window) -> dict[str, int]:
        """How many rows of a window are in each state."""
        if window not in self._counted:
            self.count([window])
        return self._counted[window]

    def known(self, window: Window, features: Sequence[str], negatives_kept: float = 1.0) -> pd.DataFrame:
        """The rows of a window whose label is known, on the driver, in order of time and row id.

        ``features``, ``__as_of``, ``__label`` and ``__draw``; negatives whose draw is not below ``negatives_kept`` are
        left out.
        """
        rows = self.rows(window).where(F.col(LABEL).isNotNull()).withColumn(DRAW, draw(self.id))
        if negatives_kept < 1:
            rows = rows.where((F.col(LABEL) == 1) | (F.col(DRAW) < negatives_kept))
        counts = self.counts(window)
        most = counts["positive"] + round(counts["negative"] * negatives_kept)
        groups = column_groups(features, most, self.backtest.table.categorical)
        parts = [self._taken(rows, names, *(() if i else (LABEL, DRAW))) for i, names in enumerate(groups)]
        return parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)

    def _taken(self, rows: DataFrame, features: Sequence[str], *further: str) -> pd.DataFrame:
        """Columns of rows on the driver, in order of time and row id: the same rows in the same order each time."""
        id = F.col(quoted(self.id)).alias("__id")
        with expression_errors(f"Backtest '{self.backtest.name}'"):
            taken = rows.select(id, TIME, *further, *self.features(features)).toArrow()
        found = taken.to_pandas(integer_object_nulls=True)  # integers beside a null stay exact
        ordered = found.sort_values([TIME, "__id"], kind="stable").reset_index(drop=True)
        return ordered.drop(columns=["__id"] if further else ["__id", TIME])

    def features(self, names: Sequence[str]) -> list[Column]:
        """Feature columns as learners take them: doubles, or as they are where they are categorical."""
        named = self.backtest.table.categorical
        return [
            F.col(quoted(name)) if name in named else F.col(quoted(name)).cast("double").alias(name) for name in names
        ]

    def close(self) -> None:
        """Let go of the outcomes that were kept at hand."""
        release(self.outcomes)

    @property
    def evaluation_time(self) -> datetime:
        """When the labels of every test window are taken: after the last one, by the evaluation lag."""
        return evaluation_time(self.backtest)


def evaluation_time(backtest: Backtest) -> datetime:
    """When the labels of every test window are taken: after the last one, by the evaluation lag."""
    last = max(fold.test_to for fold in backtest.folds)
    return last + timedelta(microseconds=backtest.evaluation_lag.micros)


def open_data(spark: SparkSession, config: Config, backtest: Backtest) -> Data:
    """Pin and check what a backtest reads; a table built from other definitions is refused."""
    table = backtest.table
    where = f"Backtest '{backtest.name}'"
    built = open_built(spark, config, table, where)
    _check_features(backtest, built.frame)
    _check_card(backtest, built.frame, where)
    found, pins = open_outcomes(spark, config, backtest.label)
    refuse_decisions(built.frame, str(table.spine.source.id), found, backtest.label)
    clocked = built.frame.withColumn(TIME, as_of_micros(built.frame, table.spine))
    return Data(backtest, clocked, built.version, {table.name: built.pin, **pins}, found, _span(clocked, where))


def open_pinned(spark: SparkSession, backtest: Backtest, at: Pin, found: Outcomes) -> Data:
    """The same from the version of the feature table that ``at`` pins, with outcomes that were kept."""
    table = backtest.table
    assert at.version is not None, "a feature table is a Delta table"
    reading = pinned(spark, TableConfig(format="delta", path=at.path), at, table.name)
    frame = read_table(spark, reading, table.name)
    clocked = frame.withColumn(TIME, as_of_micros(frame, table.spine))
    span = _span(clocked, f"Backtest '{backtest.name}'")
    return Data(backtest, clocked, Version(at.version, None, None), {table.name: at}, found, span)


def open_outcomes(spark: SparkSession, config: Config, label: Label) -> tuple[Outcomes, dict[str, Pin]]:
    """The outcomes of a label's tables as they are now, kept at hand, and which versions those are.

    Rows that the gates of their source set aside are no outcomes.
    """
    name = label.source.table
    pins: dict[str, Pin] = {}
    pins[name], reading = pin(spark, config.table(name), name)
    found = outcomes(screen(read_table(spark, reading, name), label.source), label)
    if label.unobserved is not None:
        name = label.unobserved.source.table
        pins[name], reading = pin(spark, config.table(name), name)
        rows = screen(read_table(spark, reading, name), label.unobserved.source)
        found = replace(found, unobserved=unobserved(rows, label.unobserved))
    return at_hand(found), pins


def at_hand(found: Outcomes) -> Outcomes:
    """Outcomes that are computed once, until `release`."""
    found = replace(found, positive=found.positive.cache())
    found.by_decision.cache()
    return found


def release(found: Outcomes) -> None:
    """Let go of outcomes that were kept at hand."""
    found.positive.unpersist()
    found.by_decision.unpersist()


def _inside(window: Window) -> Column:
    """Rows of a window, the partitions named too."""
    days = F.col(PARTITION).between(window.start.date(), window.end.date())
    return days & (F.col(TIME) >= unix_micros(window.start)) & (F.col(TIME) < unix_micros(window.end))


def _check_features(backtest: Backtest, frame: DataFrame) -> None:
    """Refuse, before anything is read, features that no learner takes."""
    types = {field.name: field.dataType for field in frame.schema.fields}
    for fault in feature_faults(backtest, types):
        raise DefinitionError(fault)


def _check_card(backtest: Backtest, frame: DataFrame, where: str) -> None:
    """Refuse cards that are no keys: rows are left out and resampled by them."""
    if backtest.card is not None:
        key = Key(frame.schema[backtest.card].dataType, f"table '{backtest.table.name}'")
        refuse_keys([*key_faults(f"{where}: card '{backtest.card}'", key)])


def _span(table: DataFrame, where: str) -> tuple[datetime, datetime]:
    found = table.agg(F.min(TIME), F.max(TIME)).first()
    if found is None or found[0] is None:
        raise DataContractError(sentence(f"{where}: its feature table is empty", fix="Check the sources' paths."))
    return moment(found[0]), moment(found[1])


def moment(micros: int) -> datetime:
    """Microseconds since the epoch as a time in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
