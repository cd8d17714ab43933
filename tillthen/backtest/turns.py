"""Turns at what a backtest, a training or an audit writes: one run at a time, each under a lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.tables.lease import Check, leased
from tillthen.tables.register import open_register


@dataclass(frozen=True)
class Held:
    """A turn that a run has, under its id, and the check of the lease: before every commit."""

    run_id: str
    check: Check


def backtest_place(name: str) -> str:
    """What the run of a backtest, and whoever promotes what it found, take turns at."""
    return f"backtests-{name}"


@contextmanager
def held(config: Config, place: str, turn: Turn | None = None) -> Iterator[Held]:
    """Hold the lease of a place while the block runs.

    Raises
    ------
    ConfigurationError
        Another run holds it.
    """
    turn = turn or Turn()
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(3)}"
    register = open_register(config.warehouse, f"_leases/{place}.json", config.spark)
    with leased(register, run_id, seconds=config.lease_seconds, wait=turn.wait, seen_ended=turn.seen_ended) as lease:
        yield Held(run_id, lease.check)
