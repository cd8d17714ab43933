"""What a build has to do: the days that are missing, and those of older definitions."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tillthen.define.faults.errors import DefinitionError, sentence
from tillthen.define.tables.meaning import SPINE, definitions_hash, meanings
from tillthen.define.tables.table import FeatureTable
from tillthen.tables.days import Days, spans
from tillthen.tables.entries import Entry

Pins = Mapping[str, Mapping[str, object]]
NEW, ADDED, AGAIN, REPLACED, RESTATED = "new", "features added", "again", "replaced", "late data"


@dataclass(frozen=True)
class Work:
    """One commit to make: ``days``, None for the whole table, and why.

    ``inputs`` are the pins that the days were built from before and are built from again; None for the sources as
    they are now. ``restated`` believes what the sources' rows claim, however late they landed.
    """

    days: Days | None
    reason: str
    inputs: Pins | None = None
    restated: bool = False


def outstanding(
    table: FeatureTable, built: Mapping[date, Entry], wanted: Iterable[date], *, again: bool = False,
    chunk: int | None = None,
) -> list[Work]:  # fmt: skip
    """What is to be done so that each of the ``wanted`` days stands as the definitions of today say.

    A day that stands is built again, ``again`` or for added features, from what it was built from: late data stays out
    of it. Days in a row that are built from the same make one commit, of at most ``chunk`` days.
    """
    now = definitions_hash(table)
    reasons: dict[tuple[str, str, bool], list[date]] = {}
    for day in wanted:
        entry = built.get(day)
        if entry is None:
            reasons.setdefault((NEW, "", False), []).append(day)
        elif again or entry.definitions_hash != now:
            reason = ADDED if entry.definitions_hash != now else AGAIN
            reasons.setdefault((reason, entry.inputs, entry.restated), []).append(day)
    work = [
        Work(span, reason, json.loads(inputs) if inputs else None, restated)
        for (reason, inputs, restated), days in reasons.items()
        for span in spans(days, chunk)
    ]
    return sorted(work, key=lambda one: (one.days is not None and one.days.first, one.reason))


def refuse_changed(table: FeatureTable, built: Mapping[date, Entry]) -> None:
    """Refuse definitions that mean something else than those of the days that stand; new features are welcome."""
    changed = changed_meanings(table, built.values())
    if not changed:
        return
    what = "its spine" if SPINE in changed else f"{len(changed)} features, {', '.join(sorted(changed)[:3])}"
    raise DefinitionError(
        sentence(f"Feature table '{table.name}' version {table.version} is built with other definitions of {what}",
                 fix=f"Declare version={table.version + 1} to build the new ones beside the old, or 'tillthen build "
                     f"{table.name} --replace' to put them in its place.")
    )  # fmt: skip


def changed_meanings(table: FeatureTable, entries: Collection[Entry]) -> set[str]:
    """The features that mean something else now than on some day that stands, or that are gone."""
    now = meanings(table)
    before = [json.loads(text) for text in {entry.meanings for entry in entries}]
    return {name for known in before for name, meaning in known.items() if now.get(name) != meaning}


def stale_days(table: FeatureTable, built: Mapping[date, Entry]) -> list[Days]:
    """The days that stand as older definitions say."""
    now = definitions_hash(table)
    return spans(day for day, entry in built.items() if entry.definitions_hash != now)
