"""Runs of builds: each table under its lease, each piece of its work noted in its ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from secrets import token_hex

from tillthen.define.faults.errors import ConfigurationError, DefinitionError, TillthenError, sentence
from tillthen.define.project import Project
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.planning.missing import Work
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.piece import Built, Job, build_piece
from tillthen.runtime.config import Config
from tillthen.runtime.progress import each, step
from tillthen.runtime.session import spark_session
from tillthen.runtime.status import write_status
from tillthen.tables.commit import PARTITION
from tillthen.tables.entries import Entry
from tillthen.tables.lease import leased
from tillthen.tables.space import check_writable


@dataclass(frozen=True)
class Turn:
    """How long to wait for another run that holds a table, and which run on another machine was seen ended."""

    wait: float = 0.0
    seen_ended: str | None = None


Decide = Callable[[Job, FeatureTable, Mapping[date, Entry]], list[Work]]


def run(config: Config, project: Project, tables: Sequence[FeatureTable], decide: Decide, turn: Turn) -> list[Built]:
    """Do for each table what ``decide`` finds to do, given the days that stand.

    A table that fails does not keep the others from being built; the fault is raised at the end.
    A run that is killed leaves each commit whole or not there; the next run notes in the ledger what it did not.
    """
    for table in tables:
        _refuse_partition_name(table)
    check_writable(config.warehouse)
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{token_hex(3)}"
    with step("Start Spark"):
        spark = spark_session(config.spark)
    job = Job(spark, config, project, run_id, started)
    done, failed = [], []
    for table in tables:
        try:
            done += _work_on(job, table, decide, turn)
        except TillthenError as error:
            failed.append(error)
            # A full disk, or another run: what holds for one table holds for the next.
            if isinstance(error, ConfigurationError):
                break
    if failed:
        raise _together(failed)
    return done


def _together(failed: Sequence[TillthenError]) -> TillthenError:
    """The faults of several tables as one, of the gravest kind."""
    gravest = min(failed, key=lambda error: error.exit_code)
    gravest.args = ("\n".join(map(str, failed)),)
    return gravest


def _work_on(job: Job, table: FeatureTable, decide: Decide, turn: Turn) -> list[Built]:
    store, done = Store(job.config, table), []
    with leased(store.register, job.run_id, seconds=job.config.lease_seconds, wait=turn.wait,
                seen_ended=turn.seen_ended) as lease:  # fmt: skip
        store.ledger.catch_up()
        for work in each(f"Build {table.name}", decide(job, table, store.ledger.days())):
            done.append(build_piece(job, store, work, lease))
            lease.check()
            store.ledger.catch_up()
            name = table.name if work.days is None else f"{table.name}-{work.days.first}"
            write_status(job.config.records / "_runs" / job.run_id / f"{name}.json", asdict(done[-1]))
    return done


def _refuse_partition_name(table: FeatureTable) -> None:
    if PARTITION in (*table.spine.columns, *table.features):
        raise DefinitionError(
            sentence(f"Feature table '{table.name}': '{PARTITION}' is the name of its partitions",
                     fix="Rename the column.")
        )  # fmt: skip
