"""Drivers in processes of their own, which may be killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.materialize.nightly import night
from tillthen.runtime.config import Config

JOBS = Path(__file__).parents[2] / "jobs"
STARTED = "Start Spark "
"""What a driver says once it has a session."""
WRITTEN = "Write "
"""What it says of each commit."""


@dataclass(frozen=True)
class Driver:
    """A job under way, and the file that holds what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text()

    def done(self) -> tuple[int, str]:
        """Wait for its end: the exit code, and what it said."""
        return self.process.wait(), self.said

    def wait(self, seconds: float, until: str | None = None) -> bool:
        """Wait so long, for its end or for what it says; whether it runs on."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline and not (until and until in self.said):
            time.sleep(0.02)
        return self.process.poll() is None

    def kill(self, *, spark: bool = True) -> None:
        """SIGKILL the driver, with its Spark or leaving that to find out by itself, for a second."""
        if not spark:
            os.kill(self.process.pid, signal.SIGKILL)
            time.sleep(1)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def driver(config: Config, job: str, *arguments: str) -> Driver:
    """Start a job on a project, as spark-submit would, with its Spark in its own process group."""
    command = [sys.executable, str(JOBS / f"{job}.py"), "--conf", str(config.root / "conf" / "test.yaml"),
               "--set", "spark.master=local[2]", "--set", "spark.sql.codegen.wholeStage=false",
               "--set", "spark.sql.shuffle.partitions=2", *arguments]  # fmt: skip
    log = config.root / f"driver-{time.monotonic_ns()}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, start_new_session=True, stdout=out, stderr=subprocess.STDOUT)
    return Driver(process, log)


@dataclass
class Progress:
    """How far a proof has come; kept in a file, so that it goes on where it was."""

    nights: int = 0
    kills: int = 0
    after_commits: int = 0

    @classmethod
    def of(cls, file: Path) -> Progress:
        """What the file says; the beginning where there is none."""
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def save(self, file: Path) -> None:
        """Keep it."""
        file.write_text(json.dumps(asdict(self)))


def kill_drivers(config: Config, tables: Sequence[str], nights: int, kills: int, file: Path, until: float) -> Progress:
    """Kill drivers that build random spans of nights, a commit each, at random moments; until a time (monotonic).

    Days that stand are built again, so that every driver has something to lose. Some are killed while they start, most
    within seconds of having a session or of their first commit. The next one starts meanwhile, meets the lease, and
    takes over: often while it still starts, often while it waits.
    """
    progress = Progress.of(file)
    draw = random.Random(1000 * progress.kills + nights)

    def start() -> Driver:
        first = draw.randrange(nights)
        last = min(nights - 1, first + draw.randrange(6))
        return driver(config, "backfill", *tables, "--from", str(night(first)), "--to", str(night(last)),
                      "--chunk", "1", "--again", "--wait", "300")  # fmt: skip

    following = start()
    while progress.kills < kills and time.monotonic() < until:
        current, following = following, start()
        said = draw.choice([None, STARTED, STARTED, WRITTEN, WRITTEN])
        if said:
            current.wait(120, said)
        if current.wait(draw.uniform(0, 10)):
            current.kill(spark=draw.random() < 0.5)
            progress.kills += 1
            progress.after_commits += WRITTEN in current.said
            progress.save(file)
        else:
            code, told = current.done()
            assert code == 0, told
    code, told = following.done()
    assert code == 0, told
    return progress


def finish(config: Config, tables: Sequence[str], nights: int) -> None:
    """Build what the killed drivers have left missing."""
    code, said = driver(config, "backfill", *tables, "--from", str(night(0)), "--to", str(night(nights - 1)),
                        "--wait", "60").done()  # fmt: skip
    assert code == 0, said
