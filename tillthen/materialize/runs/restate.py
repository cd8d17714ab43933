"""Letting late data in: the days that it concerns are built again, beside what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tillthen.define.project import Project
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.planning.missing import RESTATED, Work, refuse_changed
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.late import touched_days
from tillthen.materialize.runs.piece import Built, Job
from tillthen.materialize.runs.run import Turn, run
from tillthen.runtime.config import Config
from tillthen.tables.days import spans
from tillthen.tables.entries import Entry
from tillthen.tables.kept_versions import keep
from tillthen.tables.log import open_log


def restate(
    config: Config, project: Project, tables: Sequence[str] = (), chunk: int | None = None, turn: Turn | None = None
) -> list[Built]:
    """Build the days that late data concerns again, from today's sources, believing when rows claim to have been known.

    The table gets a new version; the one before stays readable under its number, protected by a pin (see
    `tillthen.tables.kept_versions`). Days that have seen all that came late are left alone.
    """

    def decide(job: Job, table: FeatureTable, built: Mapping[date, Entry]) -> list[Work]:
        refuse_changed(table, built)
        days = touched_days(job, table, built)
        store = Store(config, table)
        before = open_log(store.path, store.ledger.options)
        if days and before is not None:
            keep(config.warehouse, store.ledger.options, {store.path: before.version()}, f"before run {job.run_id}")
        return [Work(span, RESTATED, None, restated=True) for span in spans(days, chunk)]

    chosen = [project.table(name) for name in tables] or list(project.tables.values())
    return run(config, project, chosen, decide, turn or Turn())
