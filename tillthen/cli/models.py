"""Commands on models and their backtests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tillthen.cli.root import commands, configured, job, turns
from tillthen.define.faults.errors import UsageError, did_you_mean, sentence

if TYPE_CHECKING:
    from tillthen.runtime.config import Config


@commands.command()
@click.argument("backtest")
@click.argument("model")
@click.option(
    "--cutoff",
    type=click.DateTime(),
    required=True,
    help="When the model may begin to decide, in UTC: what was known by then counts.",
)
@click.option("--again", is_flag=True, help="From the pins of that cut-off; ends with 5 if other bytes come out.")
@turns
@job
def train(
    config: Config, backtest: str, model: str, cutoff: datetime, again: bool, wait: float, seen_ended: str | None
) -> str:
    """Train one MODEL of a BACKTEST on what was known at a cut-off."""
    project = config.project()
    from tillthen.backtest.training.for_use import train
    from tillthen.backtest.training.reproduce import train_again
    from tillthen.materialize.runs.run import Turn

    which = (config, project, backtest, model, cutoff.replace(tzinfo=UTC), Turn(wait, seen_ended))
    if again:
        done = train_again(*which)
        for line in done.changed:
            click.secho(f"Not as it was: {line}.", fg="yellow", err=True)
        click.echo(f"{done.folder}: the same model, byte for byte")
        return str(done.folder)
    folder = train(*which)
    click.echo(folder)
    return str(folder)


@commands.command()
@click.argument("names", nargs=-1)
@turns
@job
def backtest(config: Config, names: Sequence[str], wait: float, seen_ended: str | None) -> list[str]:
    """Run backtests, all or the named ones, on tables that are built; draw their reports, and track them in MLflow."""
    project = config.project()
    from tillthen.backtest.run import run_backtests
    from tillthen.learn.registry import record
    from tillthen.materialize.runs.run import Turn
    from tillthen.report.pages.publish import publish_all
    from tillthen.runtime.progress import step

    folders = run_backtests(config, project, names or list(project.backtests), Turn(wait, seen_ended))
    reports = [str(report) for report in publish_all([folder / "facts.json" for folder in folders], _backtests(config))]
    click.echo("\n".join(reports))
    with step("Track in MLflow"):
        for folder in folders:
            record(config, folder)
    return reports


@commands.command()
@click.argument("name")
@turns
@job
def promote(config: Config, name: str, wait: float, seen_ended: str | None) -> dict[str, str]:
    """Make the challenger of backtest NAME the registered champion, if every gate that it declares holds."""
    project = config.project()
    from tillthen.backtest.promotion.champion import promote
    from tillthen.materialize.runs.run import Turn

    done = promote(config, project.backtest(name), Turn(wait, seen_ended))
    click.echo("\n".join(f"✓ {gate['words']}" for gate in done.gates if gate["holds"]))
    before = f"in place of {done.before.words}" if done.before else "the first"
    click.echo(f"Champion: {done.champion.words}, {before if done.moved else 'as before'}.")
    return {"champion": done.champion.words}


@commands.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--compare", nargs=2, metavar="A B", type=click.Path(path_type=Path), help="Put two runs side by side.")
@click.option(
    "--index", is_flag=False, flag_value="", metavar="[FOLDER]", help="Only the page that lists a folder's reports."
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where --compare writes; beside B if not given."
)
@configured
def report(
    config: Config, paths: Sequence[Path], compare: tuple[Path, Path] | None, index: str | None, out: Path | None
) -> None:
    """Draw reports again from facts.json files or their folders; without PATHS all in the warehouse.

    A and B are such files or folders too; runs of before are kept in each backtest's history folder.
    """
    from tillthen.report.pages.compare import render_comparison
    from tillthen.report.pages.index import render_index
    from tillthen.report.pages.publish import publish_all

    folder = _backtests(config)
    if compare:
        click.echo(render_comparison(_facts(compare[0], folder), _facts(compare[1], folder), out))
        return
    if index is not None:
        click.echo(render_index(Path(index) if index else folder))
        return
    found = [_facts(path, folder) for path in paths] or sorted(folder.glob("**/facts.json"))
    if not found:
        raise UsageError(sentence(f"There are no facts.json in {folder}", fix="Run 'tillthen backtest' first."))
    for made in publish_all(found, folder):
        click.echo(made)


def _facts(path: Path, folder: Path) -> Path:
    """The facts that a path names; ``folder`` is where backtests are."""
    file = path / "facts.json" if path.is_dir() else path
    if not file.is_file():
        known = [str(found.parent) for found in sorted(folder.glob("*/facts.json"))]
        raise UsageError(sentence(f"report {path}", expected="a facts.json, or a folder that holds one",
                                  got="a folder without" if path.is_dir() else "nothing there",
                                  fix=did_you_mean(str(path), known)))  # fmt: skip
    return file


def _backtests(config: Config) -> Path:
    """The folder of all backtests' reports."""
    return config.records / "backtests"
