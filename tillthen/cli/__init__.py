"""The command line; each command imports what it needs when it runs, so that help needs no Spark and no project."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from tillthen.cli import models, nightly, start, tables, world
from tillthen.cli.root import commands
from tillthen.define.errors import TillthenError, UsageError

__all__ = ["commands", "main", "models", "nightly", "run", "start", "tables", "world"]


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
