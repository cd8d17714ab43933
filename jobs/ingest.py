"""Land databases' tables: `tillthen ingest` for spark-submit."""

import sys
from collections.abc import Sequence

from tillthen import cli


def main(argv: Sequence[str]) -> int:
    """Run it with the command line's arguments and give its exit code."""
    return cli.main(["ingest", *argv])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
