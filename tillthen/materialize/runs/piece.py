"""One piece of work: sources read and judged, features computed, written in one commit, and told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from pyspark.sql import DataFrame, SparkSession

from tillthen import __version__
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.project import Project
from tillthen.define.tables.meaning import definitions_hash, meanings
from tillthen.define.tables.spine import Snapshots
from tillthen.materialize.description.describe import comments, properties
from tillthen.materialize.planning.missing import Pins, Work
from tillthen.materialize.planning.store import Store
from tillthen.materialize.rows.features import as_claimed, features
from tillthen.materialize.rows.gates import gate_features, gate_sources, night_of
from tillthen.materialize.rows.inputs import Inputs, read_again, read_inputs
from tillthen.materialize.rows.spine import refuse_unarrived, spine_days
from tillthen.materialize.runs.left import left_out
from tillthen.materialize.runs.telling import told
from tillthen.quality.results import refuse, warnings
from tillthen.runtime.config import Config
from tillthen.runtime.failures import expression_errors
from tillthen.runtime.progress import step
from tillthen.tables.commit import PARTITION, Commit, Version
from tillthen.tables.days import Days, last_over
from tillthen.tables.lease import Lease
from tillthen.tables.log import open_log
from tillthen.tables.space import check_writable
from tillthen.tables.write import overwrite, refuse_types, replace_days

BYTES_A_VALUE = 8


@dataclass(frozen=True)
class Built:
    """Days of a feature table, or all, as a run wrote them in one commit.

    ``facts`` are the counts of the spine and of each source: rows, dropped and collapsed ones, by reason. ``warnings``
    are the expectations that were not met and stop nothing, and rows that are left for later.
    """

    table: str
    path: str
    version: int
    days: str
    reason: str
    rows: int
    seconds: float
    run_id: str
    definitions_hash: str
    code_hash: str
    inputs: Pins
    facts: dict[str, dict[str, int]]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """A run: what it works on, under which id, and since when."""

    spark: SparkSession
    config: Config
    project: Project
    run_id: str
    started: datetime

    @property
    def until(self) -> date:
        """The last day that was over when it started: later ones are not built."""
        return last_over(self.started)


def build_piece(job: Job, store: Store, work: Work, lease: Lease) -> Built:
    """Do one piece of work; when it fails, the table is as it was, and the ledger and the lineage say so."""
    table = store.table
    what = table.name if work.days is None else f"{table.name}, {work.days}"
    with told(store, work.days, _commit(job, store, work), lease.check) as telling:
        with step(f"Check the sources of {what}") as checking:
            read = _read(job, store, work)
            telling.commit = replace(telling.commit, inputs=_pins(read, work))
            span = _span(job, store, read.frames, work.days)
            night = night_of(span, job.run_id)
            judged = [] if work.inputs else gate_sources(store, read.unscreened, work.days, night, lease.check)
            refuse(judged)
            days = span if work.days or isinstance(table.spine, Snapshots) else None
            frame, facts = features(table, read.frames, days, claimed=work.restated, until=job.until)
            checking.rows = sum(counted.get("rows", 0) for counted in facts.values())
        rows = facts["spine"]["built"]
        check_writable(job.config.warehouse, rows * len(frame.columns) * BYTES_A_VALUE)
        with step(f"Write {what}", rows=rows) as writing, _kept(frame, bool(table.expectations)):
            if table.expectations:
                judged += gate_features(store, frame, night, lease.check)
                refuse(judged)
            lease.check()
            version = _write(frame, store, telling.commit)
        telling.version, telling.types = version.number, dict(frame.dtypes)
    commit, seconds = telling.commit, round(checking.seconds + writing.seconds, 3)
    said = [*warnings(judged), *left_out(table, facts)]
    return Built(table.name, store.path, version.number, str(work.days or "all days"), work.reason, rows, seconds,
                 job.run_id, commit.definitions_hash, commit.code_hash, commit.inputs, facts, said)  # fmt: skip


def _commit(job: Job, store: Store, work: Work) -> Commit:
    table = store.table
    span = None if work.days is None else (str(work.days.first), str(work.days.last))
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Commit(job.run_id, job.project.code_hash, definitions_hash(table), work.inputs or {}, __version__, span,
                  meanings(table), work.restated, started)  # fmt: skip


def _read(job: Job, store: Store, work: Work) -> Inputs:
    """The sources as they are now, or as the days were built from before: these were judged then."""
    sources = (as_claimed(store.table) if work.restated else store.table).sources
    if work.inputs is None:
        return read_inputs(job.spark, job.config, sources)
    return Inputs(read_again(job.spark, job.config, sources, work.inputs), {}, {})


def _pins(read: Inputs, work: Work) -> Pins:
    return work.inputs or {name: pin.facts() for name, pin in read.pins.items()}


def _span(job: Job, store: Store, frames: Mapping[str, DataFrame], days: Days | None) -> Days:
    """The days to build; of a whole table from the first to the last that its source has and that is over."""
    spine = store.table.spine
    frame = frames[spine.source.name]
    if days is not None:
        refuse_unarrived(frame, spine, days, job.started)
        return days
    found = spine_days(frame, spine, job.until)
    if not found:
        raise DataContractError(
            sentence(f"Source '{spine.source.name}' holds no rows up to {job.until}, the last day that is over",
                     fix="Run again when they are there: an empty table is not written.")
        )  # fmt: skip
    return Days(found[0], found[-1])


@contextmanager
def _kept(frame: DataFrame, worth: bool) -> Iterator[None]:
    """Within the block the frame's rows are computed once, where they are used more than once."""
    if worth:
        frame.persist()
    try:
        yield
    finally:
        if worth:
            frame.unpersist()


def _write(frame: DataFrame, store: Store, commit: Commit) -> Version:
    table, where = store.table, f"Feature table '{store.table.name}'"
    with expression_errors(where):
        if commit.days is None or open_log(store.path, store.ledger.options) is None:
            return overwrite(frame, store.path, commit, partition=PARTITION, properties=properties(table),
                             comments=comments(table))  # fmt: skip
        refuse_types(frame, store.path, where)
        return replace_days(frame, store.path, commit, partition=PARTITION, comments=comments(table))
