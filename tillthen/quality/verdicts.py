"""Verdicts from measurements: pure, no Spark, nothing of a later night."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from tillthen.define.expectations.rules import Drift, Expectation, Fresh, RowRule, Unique, Volume
from tillthen.define.faults.errors import sentence
from tillthen.quality.bins import LEAST_ROWS, stability_index
from tillthen.quality.results import GateResult, Night, Verdict, earlier, on_weekday

LEAST_NIGHTS = 5
LEAST_WEEKDAYS = 3
"""A median of fewer nights, or of fewer of one weekday, says too little."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """What was seen of one expectation.

    ``rows`` it was judged on, and ``values``: of a row rule ``bad`` and the least id of these, ``example``; of a unique
    one ``repeated``; of a fresh one ``newest``, microseconds since 1970; of a stable one `Bins.facts` and ``counts``.
    """

    rows: int
    values: Mapping[str, Any]


def judge(
    subject: str, expectation: Expectation, measured: Measured, night: Night, history: Sequence[GateResult] = ()
) -> GateResult:
    """One expectation against what was measured of a table, and against earlier nights' results in ``history``."""
    verdict, said = _judged(subject, expectation, measured, night, history)
    return GateResult(subject, expectation.name, expectation.otherwise, night.run_id, night.day.isoformat(),
                      night.end.isoformat(), verdict, measured.rows, dict(measured.values), said)  # fmt: skip


def _judged(
    subject: str, expectation: Expectation, measured: Measured, night: Night, history: Sequence[GateResult]
) -> tuple[Verdict, str]:
    match expectation:
        case RowRule():
            return _row_rule(expectation, measured)
        case Unique():
            repeated = measured.values["repeated"]
            return _met(not repeated), sentence(expectation.name, expected="no row repeated", got=f"{repeated:,}")
        case Volume():
            before = earlier(history, subject, expectation.name, night, expectation.over)
            return _volume(expectation, measured.rows, night, before)
        case Fresh():
            return _fresh(expectation, measured.values["newest"], night)
        case Drift():
            before = earlier(history, subject, expectation.name, night, expectation.over)
            return _drift(expectation, measured, before)


def _row_rule(rule: RowRule, measured: Measured) -> tuple[Verdict, str]:
    bad, example = measured.values["bad"], measured.values.get("example")
    allowed = f"at most {rule.at_most:.4g} of the rows bad" if rule.at_most else "no row bad"
    got = f"{bad:,} of {measured.rows:,}" + (f", such as {example}" if example is not None else "")
    return _met(bad <= rule.at_most * measured.rows), sentence(rule.name, expected=allowed, got=got)


def _volume(expectation: Volume, total: int, night: Night, before: Sequence[GateResult]) -> tuple[Verdict, str]:
    """Rows a day: several days that are judged together, as a backfill's, are compared by their mean."""
    rows = total / night.nights
    least: float = expectation.least or 0
    most: float = math.inf if expectation.most is None else expectation.most
    least_nights, compared = LEAST_NIGHTS, before
    if expectation.same_weekday:
        least_nights, compared = LEAST_WEEKDAYS, on_weekday(before, night.day)
    volumes = [one.rows / one.nights for one in compared for _ in range(one.nights)]
    too_few = expectation.within is not None and len(volumes) < least_nights
    if expectation.within is not None and not too_few:
        usual = median(volumes)
        least, most = max(least, (1 - expectation.within) * usual), min(most, (1 + expectation.within) * usual)
    met = least <= rows <= most
    if met and too_few:
        expected, got = f"{least_nights} nights to compare with", str(len(volumes))
        return "not judged", sentence(expectation.name, expected=expected, got=got)
    expected = f"at least {least:,.0f} rows" if most == math.inf else f"{least:,.0f} to {most:,.0f} rows"
    got = f"{rows:,.0f}" + (" a day" if night.nights > 1 else "")
    return _met(met), sentence(expectation.name, expected=expected, got=got)


def _fresh(expectation: Fresh, newest: int | None, night: Night) -> tuple[Verdict, str]:
    oldest = night.end - timedelta(microseconds=expectation.within.micros)
    expected = f"an event in [{oldest.isoformat()}, {night.end.isoformat()}]"
    at = None if newest is None else _EPOCH + timedelta(microseconds=newest)
    said = sentence(expectation.name, expected=expected, got=f"the newest at {at.isoformat()}" if at else "none")
    return _met(at is not None and at >= oldest), said


def _drift(expectation: Drift, measured: Measured, before: Sequence[GateResult]) -> tuple[Verdict, str]:
    """Against the nights together whose bins are this night's."""
    cuts, values, counts = (measured.values[name] for name in ("cuts", "values", "counts"))
    same = [one for one in before if (one.measured["cuts"], one.measured["values"]) == (cuts, values)]
    compared = sum(one.rows for one in same)
    if compared < LEAST_ROWS or not measured.rows:
        return "not judged", sentence(expectation.name, expected=f"rows, and {LEAST_ROWS} of earlier nights to compare "
                                      "with", got=f"{measured.rows:,} rows and {compared:,}")  # fmt: skip
    counted = [one.measured["counts"] for one in same]
    index = stability_index([sum(bin) for bin in zip(*counted, strict=True)], counts)
    expected = f"a stability index of at most {expectation.at_most:g} against {len(same)} nights"
    return _met(index <= expectation.at_most), sentence(expectation.name, expected=expected, got=f"{index:.3f}")


def _met(met: bool) -> Verdict:
    return "met" if met else "not met"
