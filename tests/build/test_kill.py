"""A driver that is killed while it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tillthen import cli

JOB = Path(__file__).parents[2] / "jobs" / "build_features.py"
DAYS = 400


def payments(amount):
    start = datetime(2023, 1, 1, tzinfo=UTC)
    return [{"payment": i, "card": "a", "at": start + timedelta(days=i), "amount": amount} for i in range(DAYS)]


def files(team):
    return set((team.root / "wh" / "cards").rglob("*.parquet"))


def killed_while_writing(team):
    """Start the job in a process of its own; kill it and its Spark when its first files appear."""
    before = files(team)
    command = [sys.executable, str(JOB), "--conf", str(team.conf), "--set", "spark.master=local[2]"]
    driver = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while driver.poll() is None and not files(team) - before:
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGKILL)
    return driver.wait()


def test_the_table_is_the_old_or_the_new_one_and_the_next_run_works(spark, team):
    def amounts():
        frame = spark.read.format("delta").load(str(team.root / "wh" / "cards"))
        return frame.groupBy("amount").count().collect()

    team.pay(payments(1))
    assert cli.main(["build", "--conf", str(team.conf)]) == 0
    team.pay(payments(2))
    assert killed_while_writing(team) == -signal.SIGKILL
    assert amounts() in ([(1, DAYS)], [(2, DAYS)])
    assert cli.main(["build", "--conf", str(team.conf)]) == 0
    assert amounts() == [(2, DAYS)]
