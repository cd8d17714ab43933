"""The command line; each command imports what it needs when it runs, so that help needs no Spark and no project."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillthen import __version__
from tillthen.define.errors import GateNotMet, TillthenError, UsageError, sentence

if TYPE_CHECKING:
    from tillthen.runtime.config import Config

Command = Callable[..., Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code, with the fault of a user as a line on stderr and that of a bug as a traceback."""
    try:
        commands.main(args=None if argv is None else list(argv), prog_name="tillthen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return UsageError.exit_code
    except TillthenError as error:
        click.secho(str(error), fg="red", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.secho("Interrupted.", fg="red", err=True)
        return 130
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def run() -> None:
    """The console script."""
    sys.exit(main())


def configured(command: Command) -> Command:
    """Add --conf and --set; the command gets the loaded configuration first."""

    @click.option("--conf", default="conf/local.yaml", show_default=True, help="The configuration.")
    @click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a setting; repeatable.")
    @wraps(command)
    def loaded(conf: str, overrides: Sequence[str], **arguments: object) -> Any:
        from tillthen.runtime.config import load_config

        return command(load_config(conf, overrides), **arguments)

    return loaded


def job(command: Command) -> Command:
    """As `configured`, for what writes into the warehouse: its state and result are kept in ``status.json`` there."""

    @wraps(command)
    def kept(config: Config, **arguments: object) -> None:
        from tillthen.runtime.status import recorded
        from tillthen.tables.space import check_writable

        check_writable(config.warehouse)
        with recorded(config.records / "status.json", command.__name__) as facts:
            facts["results"] = command(config, **arguments)

    return configured(kept)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def commands() -> None:
    """Features as they were known at the time; backtests in the money they would have made.

    Exit codes: 0 done, 1 a bug (with its traceback), 2 usage, 3 definition or configuration, 4 data contract or leak,
    5 gate not met, 6 report only.
    """


@commands.command()
@job
def simulate(config: Config) -> None:
    """Make the tables of a card business, as the configuration's 'simulate' describes it."""
    from tillthen.simulate.run import simulate

    simulate(config)


@commands.command()
@configured
def check(config: Config) -> None:
    """Load the project and compare it with its tables: every fault, no heavy work."""
    project = config.project()
    counts = ((len(project.tables), "feature table"), (len(project.backtests), "backtest"))
    listed = ", ".join(f"{n} {what}" + ("" if n == 1 else "s") for n, what in counts)
    click.echo(f"{listed}: the definitions hold.")
    from tillthen.build.check import check

    for absent in check(config, project):
        click.secho(f"Not compared: {absent}", fg="yellow")


@commands.command()
@click.argument("tables", nargs=-1)
@job
def build(config: Config, tables: Sequence[str]) -> list[dict[str, Any]]:
    """Build feature tables, all or the named ones, into the warehouse."""
    project = config.project()
    from tillthen.build.run import build

    done = build(config, project, tables)
    for built in done:
        click.echo(f"{built.path}: {built.rows:,} rows, version {built.version}")
    return [asdict(built) for built in done]


@commands.command()
@click.argument("backtest")
@click.argument("model")
@click.option("--cutoff", type=click.DateTime(), required=True, help="Labels and rows as known then, in UTC.")
@job
def train(config: Config, backtest: str, model: str, cutoff: datetime) -> str:
    """Train one MODEL of a BACKTEST on what was known at a cut-off."""
    project = config.project()
    from tillthen.backtest.train import train

    folder = train(config, project, backtest, model, cutoff.replace(tzinfo=UTC))
    click.echo(folder)
    return str(folder)


@commands.command()
@click.argument("names", nargs=-1)
@job
def backtest(config: Config, names: Sequence[str]) -> list[str]:
    """Run backtests, all or the named ones, on tables that are built, and draw their reports."""
    project = config.project()
    from tillthen.backtest.run import run_backtests
    from tillthen.report.render import render_report

    folders = run_backtests(config, project, names or list(project.backtests))
    reports = [str(render_report(folder / "facts.json")) for folder in folders]
    click.echo("\n".join(reports))
    return reports


@commands.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@configured
def report(config: Config, paths: Sequence[Path]) -> None:
    """Draw reports again from facts.json files or their folders; without PATHS all in the warehouse."""
    from tillthen.report.render import render_report

    found = [path / "facts.json" if path.is_dir() else path for path in paths]
    found = found or sorted(Path(config.warehouse, "backtests").glob("**/facts.json"))
    if not found:
        raise UsageError(sentence(f"There are no facts.json in {config.warehouse}/backtests",
                                  fix="Run 'tillthen backtest' first."))  # fmt: skip
    for facts in found:
        click.echo(render_report(facts))


@commands.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-v", "--verbose", is_flag=True, help="Show how each case is translated.")
def conformance(files: Sequence[Path], verbose: bool) -> None:
    """Run FILES of conformance cases through the engine."""
    from tillthen.pit.conformance.run import run_files
    from tillthen.runtime.session import spark_session

    summary = run_files(spark_session({"spark.sql.shuffle.partitions": "2"}), files, verbose)
    click.echo(f"passed {summary.passed} failed {summary.failed} unsupported {summary.unsupported}")
    if summary.failed:
        raise GateNotMet(f"{summary.failed} cases failed.")
