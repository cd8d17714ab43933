"""What expectations are judged on, measured of a frame in one aggregation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

from tillthen.define.expectations.rules import Drift, Expectation, Fresh, RowRule, Unique, Volume
from tillthen.define.expectations.suitable import quarantining
from tillthen.define.expressions.literals import quoted
from tillthen.quality.bins import Bins
from tillthen.quality.verdicts import Measured
from tillthen.runtime.texts_as_times import refuse_times_of_text

DECILES = [tenth / 10 for tenth in range(1, 10)]
ACCURACY = 1_000
MOST_FREQUENT = 20
ROWS, KEPT = "rows", "kept"


@dataclass(frozen=True)
class Seen:
    """A frame's rows, those of them that stay, and what each expectation is judged on."""

    rows: int
    kept: int
    measured: list[Measured]


def good(condition: str) -> Column:
    """Whether a row meets a condition; null is false."""
    return F.coalesce(F.expr(condition), F.lit(False))


def screened(expectations: Sequence[Expectation]) -> Column:
    """Whether a row stays, by its own content alone."""
    return reduce(and_, (good(rule.condition) for rule in quarantining(expectations)), F.lit(True))


def measure(
    frame: DataFrame,
    expectations: Sequence[Expectation],
    *,
    id: str | None,
    time: Column,
    until: int,
    bins: Mapping[str, Bins],
) -> Seen:
    """Everything that the expectations are judged on, in one job.

    Rows that do not stay count for the volume and for the row rules alone. ``time`` is the instant of a row in
    microseconds, and times above ``until`` do not count as fresh; ``bins`` are by column.
    """
    for rule in (one for one in expectations if isinstance(one, RowRule)):
        refuse_times_of_text(frame, [rule.condition], f"Expectation '{rule.name}'")
    keep = screened(expectations)
    asked: dict[str, Column] = {ROWS: F.count(F.lit(1)), KEPT: F.count_if(keep)}
    for place, one in enumerate(expectations):
        for name, column in _asked(frame, one, keep, id, time, until, bins).items():
            asked[f"{place} {name}"] = column
    seen = frame.agg(*[column.alias(name) for name, column in asked.items()]).first()
    assert seen is not None, "an aggregation without keys has a row"
    measured = [_measured(seen.asDict(), place, one, bins) for place, one in enumerate(expectations)]
    return Seen(seen[ROWS], seen[KEPT], measured)


def new_bins(frame: DataFrame, expectations: Sequence[Expectation], known: Mapping[str, Bins]) -> dict[str, Bins]:
    """Bins for the columns that have none yet: deciles of numbers, else the most frequent values."""
    keep = frame.where(screened(expectations))
    columns = {one.column: None for one in expectations if isinstance(one, Drift) and one.column not in known}
    numeric = [name for name in columns if isinstance(frame.schema[name].dataType, NumericType)]
    found = {name: _frequent(keep, name) for name in columns if name not in numeric}
    if numeric:
        deciles = [F.percentile_approx(_number(name), DECILES, ACCURACY).alias(name) for name in numeric]
        row = keep.agg(*deciles).first()
        assert row is not None, "an aggregation without keys has a row"
        found |= {name: Bins(cuts=tuple(sorted({cut + 0.0 for cut in row[name] or ()}))) for name in numeric}
    return found


def _asked(
    frame: DataFrame, one: Expectation, keep: Column, id: str | None, time: Column, until: int, bins: Mapping[str, Bins]
) -> dict[str, Column]:
    match one:
        case RowRule():
            bad = ~good(one.condition)
            example = {} if id is None else {"example": F.min(F.when(bad, F.col(quoted(id)))).cast("string")}
            return {"bad": F.count_if(bad), **example}
        case Unique():
            columns = [F.when(keep, F.col(quoted(name))) for name in one.columns]
            whole = reduce(and_, (column.isNotNull() for column in columns))
            return {"repeated": F.count_if(whole) - F.count_distinct(*columns)}
        case Fresh():
            return {"newest": F.max(F.when(keep & (time <= until), time))}
        case Drift():
            return {f"bin {n}": F.count_if(keep & place) for n, place in enumerate(_places(frame, one, bins))}
    return {}


def _places(frame: DataFrame, one: Drift, bins: Mapping[str, Bins]) -> list[Column]:
    """Whether a row is in each of the bins of a column."""
    of, column = bins[one.column], F.col(quoted(one.column))
    if isinstance(frame.schema[one.column].dataType, NumericType):
        number, cuts = _number(one.column), of.cuts
        upto = [*(number <= cut for cut in cuts), F.lit(True)]
        above = [F.lit(True), *(number > cut for cut in cuts)]
        places = [over & under & column.isNotNull() for over, under in zip(above, upto, strict=True)]
    else:
        text = column.cast("string")
        places = [text == value for value in of.values] + [~text.isin(list(of.values))]
    return [F.coalesce(place, F.lit(False)) for place in [*places, column.isNull()]]


def _measured(seen: Mapping[str, object], place: int, one: Expectation, bins: Mapping[str, Bins]) -> Measured:
    values = {name.partition(" ")[2]: value for name, value in seen.items() if name.startswith(f"{place} ")}
    rows = int(str(seen[ROWS if isinstance(one, RowRule | Volume) else KEPT]))
    if isinstance(one, Drift):
        values = {**bins[one.column].facts(), "counts": list(values.values())}
    return Measured(rows, values)


def _number(name: str) -> Column:
    return F.col(quoted(name)).cast("double")


def _frequent(frame: DataFrame, name: str) -> Bins:
    value = F.col(quoted(name)).cast("string").alias("value")
    counts = frame.where(F.col(quoted(name)).isNotNull()).groupBy(value).count()
    top = counts.orderBy(F.desc("count"), "value").limit(MOST_FREQUENT).collect()
    return Bins(values=tuple(row["value"] for row in top))
