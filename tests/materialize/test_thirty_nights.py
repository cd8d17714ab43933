"""The long proof: thirty nights of the simulator's business, one by one, at once, and under fifty kills.

Each run goes on where the last one was, in ``warehouse/proof``, and PROOF_SECONDS bounds it. The result is recorded in
``benchmarks/results.json``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from benchmarks.measure import Result, save
from tests.materialize.drivers import Progress, finish, kill_drivers
from tests.materialize.nightly import night
from tests.materialize.simulated import simulated, team
from tests.materialize.test_kill import calm as calm
from tests.materialize.test_kill import check_meeting, counts, rows
from tillthen.materialize.runs.build import Wanted, build
from tillthen.tables.days import Days

ROOT = Path(__file__).parents[2]
PROOF = ROOT / "warehouse" / "proof"
RESULTS = ROOT / "benchmarks" / "results.json"
NIGHTS, KILLS, MEETINGS = 30, 50, 20
TABLES = ("cards",)


def until() -> float:
    return time.monotonic() + float(os.environ.get("PROOF_SECONDS", "inf"))


@pytest.mark.long
def test_thirty_nights_are_one_backfill_are_any_order_under_fifty_kills(spark):
    PROOF.mkdir(parents=True, exist_ok=True)
    deadline, file = until(), PROOF / "progress.json"
    world = simulated(spark, PROOF)
    nightly, at_once, killed = (team(PROOF / name, PROOF / "tables") for name in ("nightly", "at once", "killed"))
    progress = Progress.of(file)
    while progress.nights < NIGHTS and time.monotonic() < deadline:
        # Landed in the same step as built: a night that is repeated finds its batch there.
        if not (PROOF / f"landed-{progress.nights}").exists():
            world.land(PROOF / "tables", progress.nights)
            (PROOF / f"landed-{progress.nights}").touch()
        day = night(progress.nights)
        build(nightly, nightly.project(), TABLES, Wanted(Days(day, day)))
        progress.nights += 1
        progress.save(file)
    if progress.nights == NIGHTS:
        progress = kill_drivers(killed, TABLES, NIGHTS, KILLS, file, deadline)
    if progress.kills < KILLS:
        pytest.skip(f"{progress.nights} of {NIGHTS} nights and {progress.kills} of {KILLS} kills: run it again")
    finish(killed, TABLES, NIGHTS)
    build(at_once, at_once.project(), TABLES, Wanted(Days(night(0), night(NIGHTS - 1))))
    total = 0
    for table in TABLES:
        expected = rows(spark, nightly, table)
        assert len(expected) > NIGHTS
        assert rows(spark, at_once, table) == expected
        assert rows(spark, killed, table) == expected
        assert counts(spark, killed, table)[0] == counts(spark, killed, table)[1]
        total += len(expected)
    facts = world.facts()
    detail = (
        f"{total:,} rows: nights one by one = one backfill = spans in random order under kills, of which "
        f"{progress.after_commits} came after a commit; {facts['authorizations']:,} authorizations, of which "
        f"{facts['authorizations_late']} late and {facts['authorizations_corrections']} corrections; "
        f"{facts['disputes']} dispute rows, of which {facts['disputes_corrections']} wins"
    )
    save(RESULTS, [Result(f"{NIGHTS} nights under kills", float(progress.kills), f"{KILLS} kills, equal bit for bit",
                          holds=True, detail=detail)])  # fmt: skip


@pytest.mark.long
def test_twenty_meetings_of_two_drivers(spark, calm):
    root, at_once = calm
    PROOF.mkdir(parents=True, exist_ok=True)
    deadline, file = until(), PROOF / "meetings"
    done = int(file.read_text()) if file.exists() else 0
    while done < MEETINGS and time.monotonic() < deadline:
        check_meeting(spark, root, at_once, 100 + done)
        done += 1
        file.write_text(str(done))
    if done < MEETINGS:
        pytest.skip(f"{done} of {MEETINGS} meetings: run it again")
    save(RESULTS, [Result("two drivers at once", float(done), f"{MEETINGS} tries, one waits or stops, nothing lost or "
                          "doubled", holds=True, detail="3 nights, a commit each; local disk")])  # fmt: skip
