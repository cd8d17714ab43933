"""The command line; each command imports what it needs when it runs, so that help needs no Spark and no project."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from tillthen.cli import models, nightly, start, tables, world
from tillthen.cli.root import commands
from tillthen.define.faults.errors import ConfigurationError, TillthenError, UsageError, sentence
from tillthen.define.faults.secrets import hidden

_EXTRAS = {
    "pyspark": "spark", "delta": "spark", "sklearn": "learn", "scipy": "learn", "xgboost": "learn", "mlflow": "learn",
    "sqlalchemy": "learn", "matplotlib": "report", "boto3": "s3",
}  # fmt: skip
"""Which extra of the wheel brings a module."""

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
    except Exception as error:
        missing = _extra(error)
        if missing is None:
            click.echo(hidden(traceback.format_exc()), err=True, nl=False)
            return 1
        click.secho(missing, fg="red", err=True)
        return ConfigurationError.exit_code
    return 0


def _extra(error: Exception) -> str | None:
    """What to install, where a library of one of the wheel's extras is missing."""
    module = (error.name or "").split(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if module not in _EXTRAS:
        return None
    return sentence(f"Python package '{module}' is not installed", fix=f"pip install 'tillthen[{_EXTRAS[module]}]'.")


def run() -> None:
    """The console script."""
    sys.exit(main())
