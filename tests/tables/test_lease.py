from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace

import pytest

from tillthen.define.faults.errors import ConfigurationError
from tillthen.tables.lease import Holder, _started, leased
from tillthen.tables.register import FileRegister


@pytest.fixture
def register(tmp_path):
    return FileRegister(tmp_path / "cards.json")


def held_by(register, **changes):
    """Another run's lease in the register."""
    register.swap(json.dumps(asdict(replace(Holder.here("other", 60), **changes))), register.read()[1])


def ended_process():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_second_run_is_refused_with_who_holds_it_and_gets_it_after(register):
    refused = f"Run first .process {os.getpid()} on .* holds .* Wait for it"
    with leased(register, "first", seconds=60), pytest.raises(ConfigurationError, match=refused):
        leased(register, "second", seconds=60).__enter__()
    with leased(register, "second", seconds=60) as lease:
        lease.check()


def test_a_run_that_waits_goes_on_when_the_first_is_done(register):
    order = []

    def second():
        with leased(register, "second", seconds=60, wait=20):
            order.append("second")

    with leased(register, "first", seconds=60):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_a_lease_that_was_taken_over_is_lost_at_once(register):
    with leased(register, "first", seconds=60) as lease:
        lease.check()
        held_by(register)
        with pytest.raises(ConfigurationError, match="Run first lost its lease .* Nothing was committed since"):
            lease.check()


def test_a_living_holder_renews(register):
    with leased(register, "first", seconds=0.3) as lease:
        time.sleep(0.8)
        lease.check()


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"process": os.getppid(), "started": _started(os.getppid()), "expires": 0.0}, False),  # its process lives
        ({"expires": 0.0}, True),  # that is this process, but the run is over
        ({"process": 0}, False),  # ended, but not expired
        ({"process": 0, "expires": 0.0}, True),
        ({"ended": True}, True),
        ({"started": "1", "expires": 0.0}, True),  # its process's number is another's now
        ({"space": "another boot", "process": 0, "expires": 0.0}, False),  # or another container: nobody saw it end
        ({"host": "elsewhere", "expires": 0.0}, False),  # nobody saw it end
    ],
)
def test_a_takeover_needs_expiry_and_the_end_of_the_holder(register, changes, taken):
    if changes.get("process") == 0:
        changes = changes | {"process": ended_process()}
    held_by(register, **changes)
    if taken:
        with leased(register, "next", seconds=60):
            assert json.loads(register.read()[0])["run_id"] == "next"
    else:
        with pytest.raises(ConfigurationError, match="Run other"):
            leased(register, "next", seconds=60).__enter__()


@pytest.mark.parametrize("ahead", [600, -600])
def test_a_clock_that_differs_takes_no_lease_from_a_run_that_was_not_seen_ended(register, monkeypatch, ahead):
    held_by(register, host="elsewhere", expires=time.time() + 60)
    monkeypatch.setattr("tillthen.tables.lease.time", lambda: time.time() + ahead)
    with pytest.raises(ConfigurationError, match="Run other .* holds"):
        leased(register, "next", seconds=60).__enter__()
    assert json.loads(register.read()[0])["run_id"] == "other"


def test_a_run_that_was_said_to_have_ended_by_a_clock_ahead_writes_nothing_any_more(register, monkeypatch):
    with leased(register, "first", seconds=60) as lease:
        held = json.loads(register.read()[0]) | {"host": "elsewhere"}
        lease._tag = register.swap(json.dumps(held), register.read()[1])
        with monkeypatch.context() as other:
            other.setattr("tillthen.tables.lease.time", lambda: time.time() + 600)
            with leased(register, "next", seconds=60, seen_ended="first") as next_:
                next_.check()
        with pytest.raises(ConfigurationError, match="Run first lost its lease"):
            lease.check()


def test_a_run_elsewhere_that_was_seen_ended_is_followed_once_it_expired(register):
    held_by(register, host="elsewhere")
    with pytest.raises(ConfigurationError, match="for [56][0-9] more seconds"):
        leased(register, "next", seconds=60, seen_ended="other").__enter__()
    held_by(register, host="elsewhere", expires=0.0)
    with pytest.raises(ConfigurationError, match="give --seen-ended other"):
        leased(register, "next", seconds=60, seen_ended="another").__enter__()
    with leased(register, "next", seconds=60, seen_ended="other") as lease:
        lease.check()


def test_who_lost_the_lease_does_not_commit(register):
    lease = leased(register, "first", seconds=0.3).__enter__()
    held_by(register, run_id="thief")
    time.sleep(0.3)
    with pytest.raises(ConfigurationError, match="Run first lost its lease"):
        lease.check()


def test_a_process_that_nobody_has_waited_for_is_ended():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        holder = replace(Holder.here("other", 60), process=child.pid, started=_started(child.pid))
        deadline = time.monotonic() + 20
        while holder.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert holder.alive is False


def counting(path, times):
    register = FileRegister(path)
    for _ in range(times):
        while True:
            text, tag = register.read()
            if register.swap(str(int(text or 0) + 1), tag):
                break


def test_no_swap_is_lost_between_processes(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=counting, args=(tmp_path / "n.json", 50)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert FileRegister(tmp_path / "n.json").read()[0] == "150"


def test_a_lease_that_cannot_be_given_back_is_taken_over_once_it_has_expired(register, monkeypatch):
    swap = register.swap

    def full(text, tag):
        if '"ended": true' in text:
            raise ConfigurationError("No space left on device")
        return swap(text, tag)

    monkeypatch.setattr(register, "swap", full)
    with leased(register, "first", seconds=0.3):
        pass
    with leased(register, "second", seconds=60, wait=20) as lease:
        lease.check()


def test_a_place_that_takes_no_files_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"/file/n\.json could not be written: .*Free some space"):
        FileRegister(tmp_path / "file" / "n.json").swap("1", None)
