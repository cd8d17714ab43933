"""Gates: a source's rows before they are read, a feature table's before they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from tillthen.define.expectations.rules import Drift, Expectation, Fresh
from tillthen.define.expectations.suitable import quarantining
from tillthen.define.expressions.literals import quoted
from tillthen.define.sources.source import Source
from tillthen.define.tables.table import FeatureTable
from tillthen.quality.bins import LEAST_ROWS, Bins
from tillthen.quality.measure import measure, new_bins, screened
from tillthen.quality.quarantine import set_aside
from tillthen.quality.results import GateResult, Night, earlier, laid_from
from tillthen.quality.verdicts import Measured, judge
from tillthen.runtime.failures import expression_errors
from tillthen.sources.reading.pruning import happened_between
from tillthen.sources.reading.schema import check_columns, declared_types
from tillthen.sources.reading.text import typed
from tillthen.sources.reading.times import micros
from tillthen.sources.reading.unreadable import readable
from tillthen.tables.days import Days
from tillthen.tables.lease import Check, unleased


@dataclass(frozen=True)
class Gated:
    """How many rows stay and do not, and what was found; `tillthen.quality.results.refuse` judges it."""

    rows: int
    set_aside: int
    results: list[GateResult]


@dataclass(frozen=True)
class _Asked:
    """What is asked of a frame, and how its rows are called and dated."""

    subject: str
    expectations: Sequence[Expectation]
    id: str | None
    time: Column


def screen(frame: DataFrame, source: Source) -> DataFrame:
    """The source's rows without those to be set aside: a filter by each row's own content.

    Every reader of a source with quarantining expectations goes through it, whatever span of rows it reads.
    """
    if not quarantining(source.expect):
        return frame
    with expression_errors(f"Source '{source.name}'"):
        return _typed(frame, source).where(screened(source.expect))


def gate_source(
    frame: DataFrame, source: Source, night: Night, quarantine: str, history: Iterable[GateResult] = (),
    days: Days | None = None, check: Check = unleased,
) -> Gated:  # fmt: skip
    """Judge a source's rows of ``days``, or all, in one job, and record those that are set aside.

    ``history`` holds results of other nights; later ones are not looked at. ``quarantine`` is the folder of the table
    of bad rows; ``check`` is called before it is written. Another job runs where rows are set aside, another on a
    column's first night of ``stable``, to lay its bins, and another where ``fresh`` reaches back behind the days.

    Raises
    ------
    DataContractError
        The table lacks a column that an expectation reads, or the data does not suit an expression.
    """
    subject = f"Source '{source.name}'"
    with readable(subject), expression_errors(subject):
        check_columns(frame, source, [source.event_time, *_reads(source.expect)], subject)
        rows = _typed(_reaching(frame, source, days), source)
        type = rows.schema[source.event_time].dataType
        time = micros(F.col(quoted(source.event_time)), type, source.timezone, source.date_is, "later")
        asked = _Asked(subject, source.expect, source.id, time)
        gated = _gate(rows, asked, night, list(history), days)
        if gated.set_aside:
            check()
            set_aside(_within(rows, asked, days), subject, source.expect, source.id, night.run_id, quarantine)
    return gated


def gate_table(frame: DataFrame, table: FeatureTable, night: Night, history: Iterable[GateResult] = ()) -> Gated:
    """Judge the rows of a feature table that are about to be written, in one job that computes them all.

    Persist ``frame`` before where the features should not be computed again for the write.
    """
    spine, subject = table.spine, f"Feature table '{table.name}'"
    with expression_errors(subject):
        type = frame.schema[spine.as_of].dataType
        time = micros(F.col(quoted(spine.as_of)), type, spine.source.timezone, spine.source.date_is, "earlier")
        return _gate(frame, _Asked(subject, table.expectations, spine.row_id, time), night, list(history))


def _gate(
    given: DataFrame, asked: _Asked, night: Night, history: Sequence[GateResult], days: Days | None = None
) -> Gated:
    frame = _within(given, asked, days)
    bins = _bins(asked, night, history)
    bins |= new_bins(frame, asked.expectations, bins)
    until = int(night.end.timestamp()) * 1_000_000 + night.end.microsecond
    seen = measure(frame, asked.expectations, id=asked.id, time=asked.time, until=until, bins=bins)
    newest = _newest(given, asked, until, days)
    results = [
        judge(asked.subject, one, newest.get(one.name, measured), night, history)
        for one, measured in zip(asked.expectations, seen.measured, strict=True)
    ]
    return Gated(seen.kept, seen.rows - seen.kept, results)


def _within(frame: DataFrame, asked: _Asked, days: Days | None) -> DataFrame:
    """The rows of the days, and those of no day."""
    return frame if days is None else frame.where(asked.time.between(*days.micros) | asked.time.isNull())


def _reaching(frame: DataFrame, source: Source, days: Days | None) -> DataFrame:
    """The rows of the days, and of those before that `Fresh` looks at."""
    if days is None:
        return frame
    first, last = days.micros
    reach = max((one.within.micros for one in source.expect if isinstance(one, Fresh)), default=0)
    return happened_between(frame, source, min(first, last - reach), last)


def _newest(frame: DataFrame, asked: _Asked, until: int, days: Days | None) -> dict[str, Measured]:
    """What the expectations of freshness see that reach back behind the days, by their names."""
    if days is None:
        return {}
    first, last = days.micros
    longer = [one for one in asked.expectations if isinstance(one, Fresh) and one.within.micros > last - first + 1]
    if not longer:
        return {}
    seen = measure(frame, longer, id=asked.id, time=asked.time, until=until, bins={})
    return {one.name: measured for one, measured in zip(longer, seen.measured, strict=True)}


def _bins(asked: _Asked, night: Night, history: Sequence[GateResult]) -> dict[str, Bins]:
    """The bins of the latest night that a column is compared with, so that counts of several nights add up.

    Bins that were laid on a night of too few rows are not taken on: they are laid anew.
    """
    found: dict[str, Bins] = {}
    for one in asked.expectations:
        if isinstance(one, Drift):
            for result in earlier(history, asked.subject, one.name, night, one.over):
                bins = Bins.of(result.measured)
                if bins and laid_from(bins, history, asked.subject, one.name) >= LEAST_ROWS:
                    found[one.column] = bins
    return found


def _reads(expectations: Sequence[Expectation]) -> list[str]:
    return [name for one in expectations for name in one.reads]


def _typed(frame: DataFrame, source: Source) -> DataFrame:
    """All columns; the text of a CSV file as the types that the source declares."""
    return typed(frame, source, frame.columns, declared_types(frame, source))
