"""The gates of a build: what sources and features must be like before a day is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pyspark.sql import DataFrame

from tillthen.materialize.planning.store import Store
from tillthen.quality.gate import gate_source, gate_table
from tillthen.quality.results import GateResult, Night
from tillthen.tables.days import Days
from tillthen.tables.lease import Check


def gate_sources(
    store: Store, frames: Mapping[str, DataFrame], days: Days | None, night: Night, check: Check
) -> list[GateResult]:
    """Judge the rows of the days, or all, of each source that is expected to be like something, before they are used.

    ``frames`` are by the name of their source, with the rows that gates set aside. Results are kept as history; rows
    that are set aside are recorded in the table's quarantine. ``check`` is the lease's, before each commit.
    """
    expecting = [source for source in store.table.sources if source.expect]
    if not expecting:
        return []
    history = store.history
    known = history.read()
    gated = [gate_source(frames[one.name], one, night, store.quarantine, known, days, check) for one in expecting]
    found = [result for one in gated for result in one.results]
    check()
    history.append(found)
    return found


def gate_features(store: Store, frame: DataFrame, night: Night, check: Check) -> list[GateResult]:
    """Judge the rows of the table that are about to be written; ``frame`` should be persisted."""
    history = store.history
    found = gate_table(frame, store.table, night, history.read()).results
    check()
    history.append(found)
    return found


def night_of(days: Days, run_id: str) -> Night:
    """The days as what a run of the gates is about."""
    return Night(run_id, datetime.combine(days.first, datetime.min.time(), UTC), days.ended)
