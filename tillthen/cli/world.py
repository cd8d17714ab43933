"""Commands on a project and on the world around it: simulate, check, conformance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tillthen.cli.root import commands, configured, job, turns
from tillthen.define.faults.errors import GateNotMet

if TYPE_CHECKING:
    from tillthen.runtime.config import Config


@commands.command()
@job
def simulate(config: Config) -> None:
    """Make the tables of a card business, as the configuration's 'simulate' describes it."""
    from tillthen.simulate.run import simulate

    simulate(config)


@commands.command()
@configured
def check(config: Config) -> None:
    """Load the project and compare it with its tables: every fault, no heavy work.

    Tables that simulate, ingest or build are still to make are named, and no fault.
    """
    project = config.project()
    counts = ((len(project.tables), "feature table"), (len(project.backtests), "backtest"))
    listed = ", ".join(f"{n} {what}" + ("" if n == 1 else "s") for n, what in counts)
    from tillthen.materialize.checks.declarations import check
    from tillthen.simulate.run import TABLES

    missing = check(config, project, TABLES if config.simulate else ())
    click.echo(f"{listed}: the definitions hold.")
    for absent in missing:
        click.secho(f"Not compared: {absent}", fg="yellow")


@commands.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="The folder; in the warehouse if absent.")
@configured
def catalog(config: Config, out: Path | None) -> None:
    """List all features, owners, clocks, sources, freshness and users as one page, and as JSON; needs no Spark."""
    from tillthen.materialize.description.catalogue import catalogue
    from tillthen.report.pages.catalogue import render_catalogue

    click.echo(render_catalogue(catalogue(config, config.project()), out or config.records / "catalog"))


@commands.command()
@click.argument("names", nargs=-1)
@turns
@job
def ingest(config: Config, names: Sequence[str], wait: float, seen_ended: str | None) -> list[dict[str, Any]]:
    """Land the rows of databases' tables, all of 'databases' or the named ones, that have not landed yet."""
    from tillthen.materialize.runs.ingest import ingest
    from tillthen.materialize.runs.run import Turn

    done = ingest(config, names, Turn(wait, seen_ended))
    for landed in done:
        click.echo(f"{landed.path}: {landed.rows:,} rows landed")
    return [landed.facts() for landed in done]


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
