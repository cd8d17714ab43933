"""Single features against the label: one that ranks nearly perfectly alone has probably seen it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.backtest.rows.inputs import TIME, moment
from tillthen.define.backtests.backtest import Backtest
from tillthen.define.expressions.literals import quoted
from tillthen.evaluate.statistics.ranking import average_precision, curve, roc_auc
from tillthen.learn.labels import LABEL, as_known
from tillthen.materialize.rows.spine import as_of_micros
from tillthen.runtime.arrays import Floats, Ints
from tillthen.runtime.driver import column_groups
from tillthen.sources.events.outcomes import Outcomes

TOO_GOOD = 0.99
MOST_ROWS = 100_000


def alone(table: DataFrame, known: Outcomes, backtest: Backtest) -> list[dict[str, object]]:
    """For each number or boolean its ``roc_auc`` and ``average_precision`` as the only score, the best first.

    The score is the value or its negative, whichever ranks better; nulls come last. At most `MOST_ROWS` rows are
    looked at, with labels as known once all are mature; rows that can have no outcome are in none.
    """
    spine = backtest.table.spine
    id = str(spine.source.id)
    clocked = table.withColumn(TIME, as_of_micros(table, spine))
    last = clocked.agg(F.max(TIME)).first()
    if last is None or last[0] is None:
        return []
    at = moment(last[0] + backtest.label.maturity.micros)
    labelled = as_known(clocked, id, TIME, known, backtest.label, at)
    rows = labelled.where(F.col(LABEL).isNotNull()).orderBy(F.xxhash64(quoted(id)), quoted(id)).limit(MOST_ROWS)
    found: list[dict[str, object]] = []
    for names in column_groups(backtest.table.features, MOST_ROWS, backtest.table.categorical):
        taken = rows.select(LABEL, *[F.col(quoted(name)) for name in names]).toArrow()
        labels = taken[LABEL].to_numpy().astype(np.int64)
        if not 0 < labels.sum() < len(labels):
            return []
        numbers = {name: values for name in names if (values := _numbers(taken[name])) is not None}
        found += [{"feature": name, **_best(values, labels)} for name, values in numbers.items()]
    return sorted(found, key=lambda one: -float(str(one["roc_auc"])))


def too_good(backtest: Backtest, found: list[dict[str, object]]) -> list[str]:
    """Features too good to be true, each as a doubt."""
    return [
        f"'{one['feature']}' alone ranks the rows of backtest '{backtest.name}' with an AUC of {one['roc_auc']:.4f}: "
        "does it know the label?"
        for one in found
        if float(str(one["roc_auc"])) > TOO_GOOD
    ]


def _numbers(values: pa.ChunkedArray) -> Floats | None:
    """A column as doubles with NaN for null; None where it holds no numbers."""
    numeric = pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)
    if not numeric and not pa.types.is_boolean(values.type):
        return None
    # Not every integer above 2**53 is a double: the nearest one ranks as well.
    return values.cast(pa.float64(), safe=False).to_pandas().to_numpy(dtype=np.float64)


def _best(values: Floats, labels: Ints) -> dict[str, object]:
    """The measures of the direction that ranks better."""
    tries = [curve(np.nan_to_num(score, nan=-np.inf, posinf=np.inf, neginf=-np.inf), labels)
             for score in (values, -values)]  # fmt: skip
    best = max(tries, key=lambda points: roc_auc(points) or 0.0)
    return {"roc_auc": roc_auc(best), "average_precision": average_precision(best)}
