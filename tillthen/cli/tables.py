"""Commands on feature tables: build them night by night, keep them, audit and explain them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tillthen.cli.root import commands, configured, job, turns
from tillthen.define.faults.errors import UsageError, sentence

if TYPE_CHECKING:
    from tillthen.materialize.runs.piece import Built
    from tillthen.runtime.config import Config


@commands.command()
@click.argument("tables", nargs=-1)
@click.option("--date", metavar="DAY", help="Only this day, such as 2024-01-31: a night.")
@click.option("--replace", is_flag=True, help="All again, from today's sources, in place of what stands.")
@turns
@job
def build(
    config: Config, tables: Sequence[str], date: str | None, replace: bool, wait: float, seen_ended: str | None
) -> list[dict[str, Any]]:
    """Bring feature tables, all or the named ones, up to date: days that are missing or lack a new feature."""
    return _build(config, tables, date and [date, date], wait, seen_ended, replace=replace)


@commands.command()
@click.argument("tables", nargs=-1)
@click.option("--from", "first", metavar="DAY", required=True, help="The first day, such as 2024-01-01.")
@click.option("--to", "last", metavar="DAY", required=True, help="The last day.")
@click.option("--chunk", type=click.IntRange(1), default=30, show_default=True, help="The most days in one commit.")
@click.option("--again", is_flag=True, help="Also the days that stand, from what they were built from.")
@turns
@job
def backfill(
    config: Config, tables: Sequence[str], first: str, last: str, chunk: int, again: bool, wait: float,
    seen_ended: str | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Build the days from --from to --to that do not stand; killed and run again, it goes on where it was."""
    return _build(config, tables, [first, last], wait, seen_ended, again=again, chunk=chunk)


@commands.command()
@click.argument("tables", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@configured
def plan(config: Config, tables: Sequence[str], as_json: bool) -> None:
    """Say what a build would do and read, which days are stale, and which late data concerns; without Spark."""
    from tillthen.materialize.planning import plan as plans
    from tillthen.materialize.planning.proposed import as_json as told
    from tillthen.materialize.planning.proposed import lines

    found = plans.plan(config, config.project(), tables)
    click.echo(told(found) if as_json else "\n".join(line for one in found for line in lines(one)))


@commands.command()
@click.argument("tables", nargs=-1)
@turns
@job
def restate(config: Config, tables: Sequence[str], wait: float, seen_ended: str | None) -> list[dict[str, Any]]:
    """Let late data in: build the days that it concerns again; the version before stays readable."""
    project = config.project()
    from tillthen.materialize.runs.restate import restate
    from tillthen.materialize.runs.run import Turn

    return shown(restate(config, project, tables, turn=Turn(wait, seen_ended)), tables or project.tables)


@commands.command()
@click.argument("tables", nargs=-1)
@click.option("--hours", type=click.IntRange(168), default=168, show_default=True, help="The least age of what goes.")
@click.option("--apply", is_flag=True, help="Do it; without it only say what would go.")
@turns
@job
def maintain(
    config: Config, tables: Sequence[str], hours: int, apply: bool, wait: float, seen_ended: str | None
) -> list[dict[str, Any]]:
    """Put small files together and remove what no version needs that is pinned, current or young."""
    project = config.project()
    from tillthen.materialize.runs.maintain import maintain
    from tillthen.materialize.runs.run import Turn

    done = maintain(config, project, tables, hours=hours, dry_run=not apply, turn=Turn(wait, seen_ended))
    for one in done:
        click.echo(f"{one.path}: {one.removed} files {'removed' if apply else 'could go'}, "
                   f"{one.compacted} put together, {len(one.kept_versions)} pinned versions kept")  # fmt: skip
    return [asdict(one) for one in done]


@commands.command()
@click.argument("tables", nargs=-1)
@click.option("--rows", type=click.IntRange(1), default=200, show_default=True, help="Rows of each feature set.")
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the rows, with their ids.")
@turns
@job
def audit(
    config: Config, tables: Sequence[str], rows: int, seed: int, wait: float, seen_ended: str | None
) -> dict[str, Any]:
    """Audit built tables, all or the named ones, for leaks: against brute force on what was visible to each row."""
    project = config.project()
    from tillthen.backtest.audits import job as audits
    from tillthen.materialize.runs.run import Turn

    path, found = audits.audit(config, project, tables, rows, seed, Turn(wait, seen_ended))
    click.echo("\n".join([*audits.lines(found), str(path)]))
    audits.refuse(found)
    return {"audit": str(path)}


@commands.command()
@click.argument("tables", nargs=-1)
@configured
def quarantine(config: Config, tables: Sequence[str]) -> None:
    """Say which rows gates have set aside, why, and which are back or corrected since."""
    project = config.project()
    from tillthen.materialize.rows.quarantined import quarantined

    for line in quarantined(config, project, tables):
        click.echo(line)


@commands.command()
@click.argument("feature")
@click.option("--key", "keys", multiple=True, metavar="[NAME=]VALUE", help="A key of the entity; repeatable.")
@click.option("--at", metavar="TIME", help="The row's as_of, in ISO 8601 with a zone.")
@click.option("--row", help="The row's id, for a feature set that leaves out the row's own event.")
@click.option("--tie", help="The row's within_tie value, for a feature set that has one.")
@click.option("--limit", type=click.IntRange(0), default=10, show_default=True, help="Events in each list.")
@configured
def explain(
    config: Config, feature: str, keys: Sequence[str], at: str | None, row: str | None, tie: str | None, limit: int
) -> None:
    """Say what FEATURE is, and with a key and a time which events made its value and which just did not."""
    from tillthen.materialize.answers import explain as explains
    from tillthen.pit.audit.explain import Question

    if bool(keys) != bool(at):
        raise UsageError(sentence("A value", expected="both --key and --at", got="--key" if keys else "--at"))
    if at is None and (row or tie):
        raise UsageError(
            sentence("--row and --tie are of a value", expected="--key and --at beside them", got="neither")
        )
    project = config.project()
    group, found = explains.find(project, feature)
    question = Question(explains.keys_of(group, keys), explains.moment(at), row, tie) if at else None
    click.echo("\n".join([*explains.words(group, found), *explains.cuts(config, project, group)]))
    if question:
        click.echo("\n".join(explains.shown(found, explains.answer(config, group, found, question), limit)))


def _build(
    config: Config, tables: Sequence[str], days: Sequence[str] | None, wait: float, seen_ended: str | None, **how: Any
) -> list[dict[str, Any]]:
    project = config.project()
    from tillthen.materialize.runs.build import Wanted, build
    from tillthen.materialize.runs.run import Turn
    from tillthen.tables.days import Days, parse

    wanted = Wanted(Days(*map(parse, days)) if days else None, **how)
    return shown(build(config, project, tables, wanted, Turn(wait, seen_ended)), tables or project.tables)


def shown(done: Sequence[Built], tables: Iterable[str]) -> list[dict[str, Any]]:
    """Say what was built, and of which tables nothing; the facts for the status."""
    for built in done:
        click.echo(f"{built.path}: {built.days}, {built.rows:,} rows, version {built.version} ({built.reason})")
        for warning in built.warnings:
            click.secho(warning, fg="yellow", err=True)
    for name in [name for name in tables if name not in {built.table for built in done}]:
        click.echo(f"{name}: nothing to do.")
    return [asdict(built) for built in done]
