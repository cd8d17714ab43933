"""Commands for the first hour: what a machine needs, and a project of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from tillthen.cli.root import commands


@commands.command()
@click.option("--jars", type=click.Path(path_type=Path, file_okay=False), default=".jars", show_default=True,
              help="Their folder.")  # fmt: skip
@click.option("--s3", is_flag=True, help="Also what a session outside a cluster needs for S3, 640 MB.")
@click.option("--ivy-settings", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="An ivysettings.xml that names a mirror of Maven Central.")  # fmt: skip
def setup(jars: Path, s3: bool, ivy_settings: Path | None) -> None:
    """Check Java and fetch the jars of Delta that fit the installed Spark, once."""
    from tillthen.runtime.jars import fetch
    from tillthen.runtime.java import check_java

    check_java()
    made = fetch(jars.absolute(), s3=s3, settings=ivy_settings)
    click.echo(f"{jars}: {'fetched' if made else 'nothing to do'}.")


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--from", "data", type=click.Path(path_type=Path), metavar="TABLE",
              help="A Parquet file or folder, a Delta table or a CSV file to make it around.")  # fmt: skip
def init(folder: Path, data: Path | None) -> None:
    """Make a project in FOLDER: declarations, configuration, a test, a Makefile, CI.

    Without --from it is about a simulated card business. With it, sources with clocks, keys and types are proposed from
    the table's columns; what is a guess says DOUBT.
    """
    from tillthen.starter.project import create

    proposal = create(folder.absolute(), data)
    click.echo(f"{folder}: a project. Next: cd {folder} && make {'check' if proposal else 'demo'}")
    if proposal:
        click.echo(f"Read features/{proposal.table.name}.py first: what is a guess says DOUBT.")
