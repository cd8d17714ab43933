"""Bringing feature tables up to date: a night, a backfill, or everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tillthen.define.faults.errors import UsageError, sentence
from tillthen.define.project import Project
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.planning.missing import NEW, REPLACED, Work, outstanding, refuse_changed
from tillthen.materialize.rows.inputs import read_inputs
from tillthen.materialize.rows.spine import spine_days
from tillthen.materialize.runs.piece import Built, Job
from tillthen.materialize.runs.run import Turn, run
from tillthen.runtime.config import Config
from tillthen.tables.days import Days
from tillthen.tables.entries import Entry


@dataclass(frozen=True)
class Wanted:
    """Which days shall stand, and how.

    Parameters
    ----------
    days
        Only these; all that the spine's source has where not given.
    replace
        The whole table again, from today's sources by today's definitions, in place of what stands.
    again
        Also the days that stand, from what they were built from.
    chunk
        The most days in one commit; None is all.
    """

    days: Days | None = None
    replace: bool = False
    again: bool = False
    chunk: int | None = None

    def __post_init__(self) -> None:
        if self.replace and self.days:
            raise UsageError(sentence("A table is replaced as a whole", fix="Leave out the days, or 'replace'."))
        if self.days and self.days.ended > datetime.now(UTC):
            raise UsageError(sentence(f"The day {self.days.last} is not over in UTC",
                                      fix="Build days that are over: the rest of it would be left out."))  # fmt: skip


def build(
    config: Config, project: Project, tables: Sequence[str] = (), wanted: Wanted | None = None, turn: Turn | None = None
) -> list[Built]:
    """Bring the named feature tables, or all, up to date in the warehouse; what stands already is left alone.

    A table that does not stand is built whole, or for the wanted days. Of one that stands, missing days are built from
    the sources as they are now, and days of older definitions (a feature was added) from what they were built from, so
    that late data changes nothing; `tillthen.materialize.runs.restate` lets it in. What was counted is kept in
    ``_runs/<run id>``, and which run built which day in ``_ledger/<table>``.

    Raises
    ------
    ConfigurationError
        The warehouse cannot be written, a source's table is missing, another run holds a table, or Spark cannot start.
    DefinitionError
        A table stands with other definitions of the same features.
    DataContractError
        A source is not what it was declared to be, has not arrived yet, or can no longer be read as it was.
    """
    asked = wanted or Wanted()

    def decide(job: Job, table: FeatureTable, built: Mapping[date, Entry]) -> list[Work]:
        if asked.replace or not (built or asked.days):
            return [Work(None, REPLACED if built else NEW)]
        refuse_changed(table, built)
        return outstanding(table, built, asked.days or _source_days(job, table), again=asked.again, chunk=asked.chunk)

    chosen = [project.table(name) for name in tables] or list(project.tables.values())
    return run(config, project, chosen, decide, turn or Turn())


def _source_days(job: Job, table: FeatureTable) -> list[date]:
    source = table.spine.source
    return spine_days(read_inputs(job.spark, job.config, [source]).frames[source.name], table.spine, job.until)
