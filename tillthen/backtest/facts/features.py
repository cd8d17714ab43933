"""What a reader learns of each feature: its clock in words, its nulls, and how far it moves from training to test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType

from tillthen.backtest.rows.inputs import TIME, Data
from tillthen.backtest.rows.windows import testing, training
from tillthen.define.backtests.folds import Fold
from tillthen.define.expressions.literals import quoted
from tillthen.define.features.in_words import clock_words
from tillthen.define.tables.table import FeatureTable
from tillthen.learn.sampling import draw
from tillthen.materialize.description.describe import derived_words
from tillthen.quality.bins import stability_index
from tillthen.runtime.driver import column_groups
from tillthen.sources.reading.times import unix_micros

SAMPLE = 100_000
"""About so many rows of a fold are looked at, drawn by a hash of the row id."""

BINS = 10


def feature_facts(data: Data) -> list[dict[str, Any]]:
    """Each feature with its clock, its share of nulls in the test windows, and its drift in each fold."""
    table = data.backtest.table
    nulls: dict[str, list[float]] = {name: [] for name in table.features}
    drift: dict[str, list[dict[str, Any]]] = {name: [] for name in table.features}
    sizes = []
    for fold in data.backtest.folds:
        for rows in _samples(data, fold):
            test = rows[TIME] >= unix_micros(fold.test_from)
            for name in rows.columns.drop(TIME):
                nulls[name].append(float(rows[name][test].isna().sum()))
                psi = drift_of(rows[name][~test], rows[name][test])
                drift[name].append({"fold": fold.number, "psi": psi})
        sizes.append(int(test.sum()))
    n = sum(sizes)
    return [
        {**described, "nulls_share": sum(nulls[described["name"]]) / n if n else None,
         "drift": drift[described["name"]]}
        for described in _described(table)
    ]  # fmt: skip


def drift_of(before: pd.Series, after: pd.Series) -> float | None:
    """The population stability index over tenths of the earlier values, or over its values where these are names.

    Nulls are a bin of their own. None where either side has no rows.
    """
    if not len(before) or not len(after):
        return None
    if pd.api.types.is_float_dtype(before):
        present = before.dropna()
        inner = np.linspace(0, 1, BINS + 1)[1:-1]
        cuts = np.unique(np.quantile(present, inner)) if len(present) else np.zeros(0)
        return stability_index(*(_counted(side, cuts) for side in (before, after)))
    values = sorted(before.dropna().unique())
    codes = [pd.Index(values).get_indexer(side) + 1 for side in (before, after)]
    return stability_index(*(np.bincount(side, minlength=len(values) + 1).tolist() for side in codes))


def _counted(values: pd.Series, cuts: np.ndarray) -> list[int]:
    found = np.searchsorted(cuts, values.dropna(), side="left")
    return [*np.bincount(found, minlength=len(cuts) + 1).tolist(), int(values.isna().sum())]


def _samples(data: Data, fold: Fold) -> Iterator[pd.DataFrame]:
    """Rows of a fold's training and test windows, whatever their labels; the same with other features each time."""
    table = data.backtest.table
    windows = training(fold), testing(fold, data.evaluation_time)
    inside = data.within(*windows)
    rows = sum(sum(data.counts(window).values()) for window in windows)
    if rows > SAMPLE:
        inside = inside.where(draw(data.id) < SAMPLE / rows)
    for names in column_groups(table.features, min(rows, SAMPLE), table.categorical):
        yield inside.select(TIME, *[_looked_at(data, name) for name in names]).toArrow().to_pandas()


def _looked_at(data: Data, name: str) -> Column:
    """A column as learners take it; of one that no learner takes, only whether it is null."""
    kind = data.table.schema[name].dataType
    if name in data.backtest.table.categorical or isinstance(kind, NumericType | BooleanType):
        return data.features([name])[0]
    return F.when(F.col(quoted(name)).isNotNull(), 1.0).alias(name)


def _described(table: FeatureTable) -> Iterator[dict[str, Any]]:
    own = dict.fromkeys(table.row_features, "known at the decision")
    own |= {name: derived_words(text) for name, text in table.derived.items()}
    for name, clock in own.items():
        yield {"name": name, "description": "", "clock": clock, "source": table.spine.source.name}
    for group in table.feature_sets:
        words = {feature.name: clock_words(feature) for feature in group.declared}
        words |= {name: derived_words(text) for name, text in group.derived.items()}
        for name, clock in words.items():
            yield {"name": name, "description": group.description, "clock": clock, "source": group.source.name}
