"""The lease of a table: one driver writes at a time.

Delta on S3 has no guard against two drivers that write one table, and a scheduler's retry that starts a second job is
the common accident. The holder's name is kept in a register outside Spark that changes by compare-and-swap, and renewed
while the holder lives. A lease is taken over only when it has expired *and* its holder is seen ended: by its process
where it ran on this machine, else by someone who has looked and names its run.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep, time

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.tables.register import Register

Check = Callable[[], None]
"""`Lease.check`, for those who commit and need to know nothing else of a lease."""


POLL = 1.0
BOOT = Path("/proc/sys/kernel/random/boot_id")
_held: list[str] = []
"""The runs of this process that hold leases: one that could not give its own back has ended all the same."""


def unleased() -> None:
    """The check of who writes where nobody else does."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lease, until when (seconds since the epoch), and whether it gave it back.

    ``space`` and ``started`` tell its process from others of the same number: after a restart of the machine, in
    another container, or later.
    """

    run_id: str
    host: str
    process: int
    expires: float
    ended: bool = False
    space: str = ""
    started: str = ""

    @classmethod
    def here(cls, run_id: str, seconds: float) -> Holder:
        """The process that asks, for so many seconds."""
        process = os.getpid()
        return cls(run_id, socket.gethostname(), process, time() + seconds, space=_space(), started=_started(process))

    @property
    def alive(self) -> bool | None:
        """Whether the process runs; None where it is on another machine or in another container: it cannot be seen."""
        if (self.host, self.space) != (socket.gethostname(), _space()):
            return None
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        mine = self.process == os.getpid()
        return _started(self.process) == self.started and (not mine or self.run_id in _held)


def _space() -> str:
    """Where process numbers mean the same: this boot of the machine, and on Linux this container."""
    try:
        return f"{BOOT.read_text().strip()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(process: int) -> str:
    """When a process began, in the kernel's ticks; "ended" for one that waits to be buried, "" where none can tell."""
    try:
        state, *numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "ended" if state in ("Z", "X") else numbers[18]


class Lease:
    """A held lease: `check` it before every commit."""

    def __init__(self, register: Register, holder: Holder, tag: str, seconds: float) -> None:
        self._register, self._holder, self._tag, self._seconds = register, holder, tag, seconds
        _held.append(holder.run_id)
        self._stop, self._turning = Event(), Lock()
        self._renewing = Thread(target=self._renew, daemon=True)
        self._renewing.start()

    def check(self) -> None:
        """Refuse to go on where the lease ran out or was taken: the register is read, not only what is known of it.

        Raises
        ------
        ConfigurationError
            Another run may write by now.
        """
        with self._turning:
            lost = self._tag == "" or time() >= self._holder.expires or self._register.read()[1] != self._tag
        if lost:
            raise ConfigurationError(
                sentence(f"Run {self._holder.run_id} lost its lease {self._register.name}",
                         fix="Nothing was committed since; run again once no other run writes the table.")
            )  # fmt: skip

    def release(self) -> None:
        """Give it back; where that cannot be written, on a full disk, it expires and its holder is seen ended."""
        self._stop.set()
        self._renewing.join()
        _held.remove(self._holder.run_id)
        if self._tag:
            with suppress(ConfigurationError):
                self._register.swap(_text(replace(self._holder, ended=True)), self._tag)

    def _renew(self) -> None:
        while not self._stop.wait(self._seconds / 3):
            renewed = replace(self._holder, expires=time() + self._seconds)
            with self._turning:
                try:
                    tag = self._register.swap(_text(renewed), self._tag) or self._answer_lost(renewed)
                except Exception:
                    continue
                self._tag = tag
                if not tag:
                    return
                self._holder = renewed

    def _answer_lost(self, renewed: Holder) -> str:
        """The tag of a renewal that was written though its answer did not arrive; "" where another run's stands."""
        text, tag = self._register.read()
        return str(tag) if text == _text(renewed) else ""


@contextmanager
def leased(
    register: Register, run_id: str, *, seconds: float, wait: float = 0.0, seen_ended: str | None = None
) -> Iterator[Lease]:
    """Hold the lease in ``register`` while the block runs.

    Parameters
    ----------
    seconds
        After how long without a renewal it expires.
    wait
        How long to wait for another holder, in seconds.
    seen_ended
        The id of a run on another machine that somebody has seen ended.

    Raises
    ------
    ConfigurationError
        Another run holds it.
    """
    lease = _acquire(register, run_id, seconds, monotonic() + wait, seen_ended)
    try:
        yield lease
    finally:
        lease.release()


def _acquire(register: Register, run_id: str, seconds: float, deadline: float, seen_ended: str | None) -> Lease:
    while True:
        text, tag = register.read()
        held = Holder(**json.loads(text)) if text else None
        if held is None or held.run_id == run_id or _free(held, seen_ended):
            mine = Holder.here(run_id, seconds)
            won = register.swap(_text(mine), tag)
            if won:
                return Lease(register, mine, won, seconds)
        elif monotonic() >= deadline:
            raise _refusal(register, held)
        sleep(min(POLL, seconds / 10))


def _free(held: Holder, seen_ended: str | None) -> bool:
    gone = held.alive is False or (held.alive is None and held.run_id == seen_ended)
    return held.ended or (time() >= held.expires and gone)


def _refusal(register: Register, held: Holder) -> ConfigurationError:
    left = held.expires - time()
    if left > 0:
        state, fix = f"for {left:.0f} more seconds unless renewed", "Wait for it to end: --wait SECONDS."
    elif held.alive:
        state, fix = "though it expired: its process still runs", f"End process {held.process}, and run again."
    else:
        state = "though it expired: whether it still runs cannot be seen from here"
        fix = f"When you have seen that it ended, give --seen-ended {held.run_id}."
    return ConfigurationError(
        sentence(f"Run {held.run_id} (process {held.process} on {held.host}) holds {register.name} {state}", fix=fix)
    )


def _text(holder: Holder) -> str:
    return json.dumps(asdict(holder), sort_keys=True)
