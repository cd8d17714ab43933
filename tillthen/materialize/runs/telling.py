"""What a piece of work tells of itself: to the lineage when it starts and ends, to the ledger when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tillthen.define.faults.errors import TillthenError
from tillthen.materialize.description.lineage import Output, RunFacts, State, append_event
from tillthen.materialize.planning.store import Store
from tillthen.tables.commit import Commit
from tillthen.tables.days import Days
from tillthen.tables.lease import Check


@dataclass
class Telling:
    """What is known so far: the commit with its inputs, and once it is written its version and its columns' types."""

    store: Store
    days: Days | None
    commit: Commit
    version: int | None = None
    types: Mapping[str, str] = field(default_factory=dict)

    def say(self, state: State, error: str | None = None) -> None:
        """Add an event to the lineage."""
        days, table, config = self.days, self.store.table, self.store.config
        nominal = None if days is None else (datetime.combine(days.first, datetime.min.time(), UTC), days.ended)
        name = f"build {table.name}" + (f" {days}" if days else "")
        output = Output(self.store.path, self.version, self.types)
        facts = RunFacts(self.commit.run_id, name, state, datetime.now(UTC), self.commit.inputs, output, table,
                         nominal, error)  # fmt: skip
        append_event(facts, config.warehouse, config.records / "_runs")


@contextmanager
def told(store: Store, days: Days | None, commit: Commit, check: Check) -> Iterator[Telling]:
    """Tell of what the block does; it completes what it is given. Who has lost the lease leaves the ledger alone."""
    telling = Telling(store, days, commit)
    telling.say("START")
    try:
        yield telling
    except Exception as error:
        said = str(error) if isinstance(error, TillthenError) else type(error).__name__
        # The disk that is full may be the one that this is told to.
        with suppress(Exception):
            telling.say("FAIL", said)
            check()
            store.ledger.fail(telling.commit, said)
        raise
    telling.say("COMPLETE")
