"""Train one model of a backtest on what was known at a cut-off: `tillthen train` for spark-submit."""

import sys
from collections.abc import Sequence

from tillthen import cli


def main(argv: Sequence[str]) -> int:
    """Run it with the command line's arguments and give its exit code."""
    return cli.main(["train", *argv])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
