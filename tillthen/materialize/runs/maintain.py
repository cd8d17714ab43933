"""Maintenance of a warehouse: small files put together, what nothing needs removed; without Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from secrets import token_hex

from tillthen.define.project import Project
from tillthen.materialize.planning.store import Store
from tillthen.materialize.runs.run import Turn
from tillthen.runtime.config import Config
from tillthen.tables.kept_versions import kept_versions
from tillthen.tables.lease import leased
from tillthen.tables.log import storage_options
from tillthen.tables.retention import LEAST_HOURS, Maintained
from tillthen.tables.retention import maintain as maintain_table


def maintain(
    config: Config, project: Project, tables: Sequence[str] = (), *, hours: int = LEAST_HOURS, dry_run: bool = True,
    turn: Turn | None = None,
) -> list[Maintained]:  # fmt: skip
    """Maintain feature tables, all or the named ones, their ledgers and gates' histories, under each table's lease.

    Versions that a pin keeps stay readable: those that a model was trained on, those before a restatement, and those of
    feature tables that a build has read as sources.
    """
    chosen = [project.table(name) for name in tables] or list(project.tables.values())
    stores = [Store(config, table) for table in project.tables.values()]
    return [
        done for table in chosen for done in _of_table(Store(config, table), stores, hours, dry_run, turn or Turn())
    ]


def _of_table(store: Store, stores: Sequence[Store], hours: int, dry_run: bool, turn: Turn) -> Iterator[Maintained]:
    config = store.config
    options = storage_options(config.spark)
    with leased(store.register, f"maintain-{token_hex(3)}", seconds=config.lease_seconds, wait=turn.wait,
                seen_ended=turn.seen_ended) as lease:  # fmt: skip
        # What is in the log only must be in the ledger before the log may be cut.
        store.ledger.catch_up()
        kept = kept_versions(config.warehouse, options).get(store.path, set()) | _read_by_builds(store.path, stores)
        for path, versions in ((store.path, kept), (store.ledger.path, ()), (store.history.path, ())):
            done = maintain_table(path, options, versions, hours=hours, dry_run=dry_run, check=lease.check)
            if done:
                yield done


def _read_by_builds(path: str, stores: Sequence[Store]) -> set[int]:
    """The versions of a table that days which stand were built from, and are built from again."""
    entries = [entry for store in stores for entry in store.ledger.days().values()]
    pins = [pin for inputs in {entry.inputs for entry in entries} for pin in json.loads(inputs).values()]
    return {pin["version"] for pin in pins if pin["path"] == path and "version" in pin}
