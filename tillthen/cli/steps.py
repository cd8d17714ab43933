"""``python -m tillthen.cli.steps FOLDER NAME ...``: commands in one process, so that Spark starts and warms up once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tillthen import cli


def main(argv: Sequence[str]) -> int:
    """Run, of a folder and the names of steps in order, each that has a ``NAME.due`` with the arguments of a command.

    A step that is done is a file ``NAME``; the first that fails ends the run with its exit code.
    """
    folder, *steps = argv
    for step in steps:
        due = Path(folder, f"{step}.due")
        if due.exists():
            code = cli.main(due.read_text(encoding="utf-8").split())
            if code:
                return code
            due.rename(due.with_suffix(""))
            due.with_suffix("").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
