"""Canaries: the backtest's last fold, spoiled on purpose. One that does not look spoiled says that something is wrong.

They use small models on the driver, on the rows of some cards. Beside the table's features the models see how many
frauds of the card's last week are known at the decision: by the label clock, or, where labels have no delay, all that
happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.rows.exclusions import positives_of_cards
from tillthen.backtest.rows.inputs import DAY, TIME, Data
from tillthen.backtest.rows.windows import Window, testing, training
from tillthen.define.backtests.folds import Fold
from tillthen.define.backtests.model import Model
from tillthen.define.expressions.literals import quoted
from tillthen.evaluate.statistics.ranking import average_precision, curve
from tillthen.learn.encoding import Encoding
from tillthen.learn.labels import LABEL
from tillthen.learn.learner import fit
from tillthen.runtime.arrays import Floats, Ints
from tillthen.runtime.driver import MOST_CELLS
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO

MODEL = Model("canary", "xgboost", {"n_estimators": 40, "max_depth": 3, "max_bin": 256})
MOST_ROWS = 100_000
"""About so many rows of each window, all those of some cards; fewer of wide tables (`MOST_CELLS`)."""

SHUFFLES = 5
LEFT = 0.25
"""Of what the labels add to the base rate, shuffled ones may leave so much."""

GAIN = 0.03
"""Labels without delay must raise the average precision by this share of it, or of what it lacks where that is less."""

KNOWN_FRAUDS = "__known_frauds"
RECENT = 7 * DAY
FURTHER = ("__id", "__card", TIME, LABEL)
"""The columns of a sample beside the features."""


@dataclass(frozen=True)
class Sample:
    """Rows of the two windows of a fold with labels as known by the clock, and the frauds of their cards."""

    train: pd.DataFrame
    test: pd.DataFrame
    frauds: pd.DataFrame
    features: tuple[str, ...]


def canaries(data: Data) -> list[dict[str, Any]]:
    """Both canaries on the last fold; ``fired`` says that the spoiled run looked spoiled."""
    fold = list(data.backtest.folds)[-1]
    sample = _sample(data, fold)
    labels = sample.test[LABEL].to_numpy(dtype=np.int64)
    trained_on = int(sample.train[LABEL].sum())
    if not labels.any() or not 0 < trained_on < len(sample.train):
        words = f"The canaries' sample of fold {fold.number} has no frauds to learn from or to find."
        return [_row(name, None, None, False, words) for name in (SHUFFLED, EARLY)]
    honest = _precision(sample, sample.train[LABEL].to_numpy(dtype=np.int64), early=False)
    return [_shuffled(sample, labels, honest), _early(data, sample, honest)]


SHUFFLED, EARLY = "labels shuffled", "label delay 0"


def _shuffled(sample: Sample, labels: Ints, honest: float) -> dict[str, Any]:
    """Trained on shuffled labels a model has nothing to learn: its average precision is the base rate."""
    random = np.random.default_rng(0)
    trained = sample.train[LABEL].to_numpy(dtype=np.int64)
    found = [_precision(sample, random.permutation(trained), early=False) for _ in range(SHUFFLES)]
    measured, base = float(np.mean(found)), float(labels.mean())
    most = base + LEFT * max(honest - base, 0.0)
    words = (
        f"Trained on shuffled labels, a model reaches an average precision of {measured:.4f}, where the base rate is "
        f"{base:.4f} and the true labels give {honest:.4f}."
    )
    return _row(SHUFFLED, f"at most {most:.4f}", measured, measured <= most and honest > base, words)


def _early(data: Data, sample: Sample, honest: float) -> dict[str, Any]:
    """Knowing a card's frauds as they happen must look better: that is the leak which the clock prevents."""
    least = honest + GAIN * min(honest, 1 - honest)
    if data.backtest.card is None:
        return _row(EARLY, f"at least {least:.4f}", None, False, "No card is declared, so labels cannot leak by it.")
    measured = _precision(sample, sample.train[LABEL].to_numpy(dtype=np.int64), early=True)
    fired = measured >= least
    words = (
        f"With a card's frauds known as they happen the average precision is {measured:.4f}, by the clock {honest:.4f}."
    )
    if not fired:
        words += " Either frauds do not follow each other on a card, or labels are taken for known too early."
    return _row(EARLY, f"at least {least:.4f}", measured, fired, words)


def _row(name: str, expected: str | None, measured: float | None, fired: bool, words: str) -> dict[str, Any]:
    return {"name": name, "expected": expected, "measured": measured, "fired": fired, "words": words}


def _precision(sample: Sample, labels: Ints, *, early: bool) -> float:
    """Average precision on the test rows of a small model of the training rows with these labels."""
    names = (*sample.features, KNOWN_FRAUDS)
    train, test = (_matrix(sample, part, early) for part in (sample.train, sample.test))
    scores = fit(MODEL, Encoding(names), train, labels).score(test)
    return average_precision(curve(scores, sample.test[LABEL].to_numpy(dtype=np.int64))) or 0.0


def _matrix(sample: Sample, rows: pd.DataFrame, early: bool) -> Floats:
    numbers = Encoding(sample.features).matrix(rows)
    return np.column_stack([numbers, known_frauds(rows, sample.frauds, early=early)])


def known_frauds(rows: pd.DataFrame, frauds: pd.DataFrame, *, early: bool) -> Floats:
    """How many of each row's card's frauds of the last `RECENT` are known at its time; with ``early`` all there were.

    ``frauds`` has the columns ``__card``, ``__as_of``, ``__known_from`` and ``__known_to`` (microseconds).
    """
    if not len(frauds):
        return np.zeros(len(rows))
    start = frauds[TIME] if early else frauds[KNOWN_FROM]
    end = frauds[TIME] + RECENT
    if not early:
        end = pd.concat([end, frauds[KNOWN_TO]], axis=1).min(axis=1)
    seen = end > start
    begun = _before(rows, frauds["__card"][seen], start[seen], exact=not early)
    return begun - _before(rows, frauds["__card"][seen], end[seen], exact=True)


def _before(rows: pd.DataFrame, cards: pd.Series, instants: pd.Series, *, exact: bool) -> Floats:
    """How many of its card's instants are before the row's time, or at it where ``exact``."""
    events = pd.DataFrame({"card": cards, "at": instants.astype("int64")}).sort_values("at", kind="stable")
    events["count"] = events.groupby("card").cumcount() + 1.0
    asked = pd.DataFrame({"card": rows["__card"], "at": rows[TIME].astype("int64"), "row": np.arange(len(rows))})
    found = pd.merge_asof(asked.sort_values("at", kind="stable"), events, on="at", by="card", allow_exact_matches=exact)
    return found.sort_values("row")["count"].fillna(0.0).to_numpy(dtype=np.float64)


def _sample(data: Data, fold: Fold) -> Sample:
    backtest = data.backtest
    features = tuple(name for name in backtest.table.features if name not in backtest.table.categorical)
    features = tuple(name for name in features if _is_number(data.table, name))
    train, test = training(fold), testing(fold, data.evaluation_time)
    rows = max(sum(data.counts(window).values()) for window in (train, test))
    wide = len(features) + len(FURTHER)
    chosen = _some(data, min(1.0, min(MOST_ROWS, MOST_CELLS // wide) / max(rows, 1)))
    parts = [_taken(data, window, chosen, features) for window in (train, test)]
    frauds = pd.DataFrame({name: [] for name in ("__card", TIME, KNOWN_FROM, KNOWN_TO)})
    if backtest.card is not None:
        since = train.start - timedelta(microseconds=RECENT)
        positives = positives_of_cards(data.table.where(chosen), data.id, backtest.card, data.outcomes.positive,
                                       since)  # fmt: skip
        frauds = positives.toArrow().to_pandas()
    return Sample(parts[0], parts[1], frauds, features)


def _some(data: Data, share: float) -> Column:
    """Rows of a share of the cards, or a share of the rows where there are none."""
    by = data.backtest.card or data.id
    steps = 1 << 20
    return F.pmod(F.xxhash64(F.lit("canary"), F.col(quoted(by))), F.lit(steps)) < int(share * steps)


def _taken(data: Data, window: Window, chosen: Column, features: Sequence[str]) -> pd.DataFrame:
    card = F.lit(None).cast("string") if data.backtest.card is None else F.col(quoted(data.backtest.card))
    known = data.rows(window).where(F.col(LABEL).isNotNull() & chosen)
    own = (F.col(quoted(data.id)), card, F.col(TIME), F.col(LABEL))
    columns = [column.alias(name) for column, name in zip(own, FURTHER, strict=True)]
    rows = known.select(*columns, *data.features(features)).toArrow().to_pandas()
    return rows.sort_values([TIME, "__id"], kind="stable").reset_index(drop=True)


def _is_number(table: DataFrame, name: str) -> bool:
    return table.schema[name].dataType.typeName() not in ("string", "date", "timestamp", "timestamp_ntz", "array")
