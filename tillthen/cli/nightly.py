"""What a scheduler runs every night, as one command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from tillthen.cli.root import commands, job, turns
from tillthen.cli.tables import shown

if TYPE_CHECKING:
    from tillthen.runtime.config import Config


@commands.group("run")
def scheduled() -> None:
    """Run what a scheduler runs."""


@scheduled.command()
@click.option("--date", "day", metavar="DAY", help="The day that is over; yesterday in UTC where not given.")
@click.option("--rows", type=click.IntRange(0), default=20, show_default=True, help="Rows of each set to audit.")
@turns
@job
def nightly(config: Config, day: str | None, rows: int, wait: float, seen_ended: str | None) -> dict[str, Any]:
    """Land what databases hold, judge it, build the day of every table, and audit a sample of what was built.

    Where the configuration describes a world to simulate and its tables are not there, they are made first.
    """
    project = config.project()
    from tillthen.backtest.audits import job as audits
    from tillthen.materialize.planning.plan import gaps
    from tillthen.materialize.runs.build import Wanted, build
    from tillthen.materialize.runs.ingest import ingest
    from tillthen.materialize.runs.run import Turn
    from tillthen.simulate.run import TABLES, simulate
    from tillthen.tables.days import Days, parse
    from tillthen.tables.log import stands

    night = parse(day) if day else (datetime.now(UTC) - timedelta(days=1)).date()
    wanted, turn = Wanted(Days(night, night)), Turn(wait, seen_ended)
    if config.simulate and not all(stands(config.table(name).path, config.spark) for name in TABLES):
        simulate(config)
    landed = [one.facts() for one in ingest(config, turn=turn)] if config.databases else []
    built = build(config, project, (), wanted, turn)
    results: dict[str, Any] = {"landed": landed, "built": shown(built, project.tables)}
    for gap in gaps(config, project):
        click.secho(gap, fg="yellow", err=True)
    made = [one.table for one in built if one.rows]
    if made and rows:
        path, found = audits.audit(config, project, made, rows, night.toordinal(), turn)
        click.echo("\n".join([*audits.lines(found), str(path)]))
        audits.refuse(found)
        results["audit"] = str(path)
    return results
