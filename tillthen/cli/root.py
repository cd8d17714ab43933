"""The group of all commands, and what they have in common: configuration, status, turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from tillthen import __version__

if TYPE_CHECKING:
    from tillthen.runtime.config import Config

Command = Callable[..., Any]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def commands() -> None:
    """Features as they were known at the time; backtests in the money they would have made.

    Exit codes: 0 done, 1 a bug (with its traceback), 2 usage, 3 definition or configuration, 4 data contract or leak,
    5 gate not met, 6 report only.
    """


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


def turns(command: Command) -> Command:
    """Add --wait and --seen-ended, for what another run may be writing."""
    command = click.option("--seen-ended", metavar="RUN", help="A run on another machine that you saw ended.")(command)
    wait = click.option("--wait", type=click.FloatRange(0), default=0.0, help="Seconds to wait for another run.")
    return wait(command)
