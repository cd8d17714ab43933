"""The audit job: built tables against their sources, and their features against the labels of their backtests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from tillthen.backtest.audits.alone import alone, too_good
from tillthen.backtest.rows.audit_records import PLACE, record
from tillthen.backtest.rows.inputs import open_outcomes, release
from tillthen.backtest.turns import held
from tillthen.define.faults.errors import LeakError
from tillthen.define.project import Project
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.answers.audit import TableAudit, audit_table
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config, TableConfig
from tillthen.runtime.progress import step
from tillthen.runtime.session import spark_session
from tillthen.sources.reading.read import read_table
from tillthen.tables.pins import Pin, pinned

SHOWN = 10
"""Differences in an error; all are in audit.json."""
LEAST_WAIT = 60.0
"""Seconds to wait for another audit's record."""


def audit(
    config: Config, project: Project, names: Sequence[str], rows: int, seed: int, turn: Turn | None = None
) -> tuple[Path, list[TableAudit]]:
    """Audit the named tables, or all, on a sample of their rows; what was found is in the ``audit.json`` returned.

    Raises
    ------
    DataContractError
        A table was built from other definitions, or a source can no longer be read as the build read it.
    """
    chosen = [project.table(name) for name in names] if names else list(project.tables.values())
    with step("Start Spark"):
        spark = spark_session(config.spark)
    found = []
    for table in chosen:
        found.append(audit_table(spark, config, table, rows, seed))
        _doubt_features(spark, config, project, table, found[-1])
    facts = {"rows": rows, "seed": seed, "tables": [asdict(one) for one in found]}
    turn = turn or Turn()
    # What was found took longer than any record takes to be written.
    with held(config, PLACE, replace(turn, wait=max(turn.wait, LEAST_WAIT))) as mine:
        return record(config.records, mine.run_id, facts, mine.check), found


def lines(found: Sequence[TableAudit]) -> list[str]:
    """A table for a terminal, a line for each feature set, then the doubts."""
    layout = "{:<24} {:<24} {:>7} {:>9} {:>9} {:>7} {:>9}".format
    made = [layout("table", "feature set", "rows", "left out", "values", "moved", "differing")]
    made += [
        layout(one.table, done.name, *(f"{n:,}" for n in (done.rows, done.left_out, done.values + done.later,
                                                          done.moved, len(done.differences))))
        for one in found for done in one.sets
    ]  # fmt: skip
    return made + [f"Doubt: {doubt}" for one in found for doubt in one.doubts]


def refuse(found: Sequence[TableAudit]) -> None:
    """Raise a `LeakError` where a table holds a leak, or a value that is not the contract's."""
    said = []
    for one in found:
        said += [f"{one.table}: '{name}' looks ahead: it is declared with leak(...)." for name in one.leaks]
        said += [f"{one.table}: {difference}" for difference in one.differences[:SHOWN]]
        more = len(one.differences) - SHOWN
        said += [f"{one.table}: {more} more differences are in audit.json."] if more > 0 else []
    if said:
        raise LeakError("\n".join(said))


def _as_audited(spark: SparkSession, config: Config, table: FeatureTable, found: TableAudit) -> DataFrame:
    """The table at the version that was audited, though another run may have written it since."""
    at = Pin(Store(config, table).path, "delta", found.version, table=found.table_id)
    reading = pinned(spark, TableConfig(format="delta", path=at.path), at, table.name)
    return read_table(spark, reading, table.name)


def _doubt_features(
    spark: SparkSession, config: Config, project: Project, table: FeatureTable, found: TableAudit
) -> None:
    """Look at single features against the label of every backtest that uses the table."""
    for backtest in project.backtests.values():
        if backtest.table is not table:
            continue
        with step(f"Doubt the features of {backtest.name}"):
            frame = _as_audited(spark, config, table, found)
            known, _ = open_outcomes(spark, config, backtest.label)
            try:
                ranked = alone(frame, known, backtest)
            finally:
                release(known)
        found.alone[backtest.name] = ranked
        found.doubts += too_good(backtest, ranked)
