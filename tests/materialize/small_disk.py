"""``python -m tests.materialize.small_disk FOLDER``: nights on a small disk that fills up while one is built.

The disk is memory, mounted at ``FOLDER/full/wh`` in a name space of this process's own. It prints what each try said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.materialize.nightly import business, night, warehouse
from tillthen.define.faults.errors import ConfigurationError
from tillthen.materialize.runs import piece
from tillthen.materialize.runs.build import Wanted, build
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.runtime.session import spark_session
from tillthen.tables.days import Days

SIZE = 300 * 2**20
LEFT = (0, 24)
"""How many KiB are left when the night is about to be written: none, and enough for the night but not for its facts."""


def main(folder: Path) -> None:
    """Build one night, then a second with less and less room, and then with enough, there and on another disk."""
    disk = folder / "full" / "wh"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)], check=True)
    world = business(2, 20, seed=5)
    for number in range(2):
        world.land(folder / "tables", number)
    full, roomy = (warehouse(folder / name, folder / "tables") for name in ("full", "roomy"))
    _build(full, 0, 0)
    said = [_filled(full, disk, left) for left in LEFT]
    _build(full, 1, 1)
    _build(roomy, 0, 1)
    for line in (disk / "_runs" / "lineage.jsonl").read_text().splitlines():
        json.loads(line)  # none is cut
    print(json.dumps({"said": said, "rows": [_rows(config) for config in (full, roomy)]}))


def _filled(config: Config, disk: Path, left: int) -> list[object]:
    """What building the night says when the disk fills up after it was looked at, and which rows stand then."""
    ballast, look = disk / "ballast", piece.check_writable

    def look_and_fill(warehouse: str, needed: int) -> None:
        look(warehouse, needed)
        with ballast.open("wb") as file:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            file.write(bytes(free - left * 1024))

    piece.check_writable = look_and_fill
    try:
        _build(config, 1, 1)
        told = "built"
    except ConfigurationError as error:
        told = str(error)
    finally:
        piece.check_writable = look
        ballast.unlink(missing_ok=True)
    return [told, _rows(config)]


def _build(config: Config, first: int, last: int) -> None:
    build(config, config.project(), ["cards"], Wanted(Days(night(first), night(last)), again=True),
          Turn(wait=60))  # fmt: skip


def _rows(config: Config) -> list[str]:
    return sorted(map(str, spark_session().read.format("delta").load(f"{config.warehouse}/cards").collect()))


if __name__ == "__main__":
    spark_session({"spark.master": "local[2]", "spark.sql.shuffle.partitions": "2",
                   "spark.sql.codegen.wholeStage": "false"})  # fmt: skip
    main(Path(sys.argv[1]))
