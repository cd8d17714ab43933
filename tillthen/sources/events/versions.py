"""A source with versions: several rows an id, each known until the next one is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import (
    CLAIMED,
    KNOWN_FROM,
    KNOWN_TO,
    null_event_time,
    null_known_time,
    retracted_before_known,
)
from tillthen.sources.events.identity import ROW, with_fingerprint
from tillthen.sources.events.tally import count, dropped, judge, kept

NEXT_KNOWN = "__next_known"


def with_versions(clocked: DataFrame, source: Source, names: Sequence[str]) -> tuple[DataFrame, dict[str, int]]:
    """The versions that are visible at some time, with the interval in which each lives, and the facts.

    Those with a null known time are dropped. The rest of an id, identical ones collapsed, are ordered by known time
    and then the sequence columns; each lives in [known, min(retracted, next one's known)). Of two with one known time
    the greater in sequence stays, and two that the sequence does not order are refused. Nothing falls back to an older
    version: one that is retracted, never visible (retracted before it was known), deleted or without an event time
    still ends the life of the one before.
    """
    # The fingerprint comes last, so that identical versions are neighbours: all but the last of them collapse.
    # Versions that landed late together are known at once; what they claim orders them.
    claimed = [CLAIMED] if source.landed_time else []
    order = [KNOWN_FROM, *claimed, *(quoted(name) for name in source.sequence), ROW]
    by_id = Window.partitionBy(quoted(str(source.id))).orderBy(*order)
    ties = [F.col(column).eqNullSafe(F.lead(column).over(by_id)) for column in order]
    at_once, in_sequence, in_all = ties[0], reduce(and_, ties[:-1]), reduce(and_, ties)
    reasons = {
        **null_known_time(source),
        "versions_collapsed": in_all,
        "undecided": in_sequence,
        "superseded_at_once": at_once,
        **retracted_before_known(source),
        **({"deleted": F.col(quoted(source.deleted))} if source.deleted else {}),
        **null_event_time(source),
    }
    rows = with_fingerprint(clocked, names).withColumn(NEXT_KNOWN, F.lead(KNOWN_FROM).over(by_id))
    judged = judge(rows, reasons)
    facts = count(judged, source, reasons)
    if facts.pop("undecided"):
        _refuse(dropped(judged, reasons, "undecided"), source)
    return kept(judged).withColumn(KNOWN_TO, F.least(KNOWN_TO, NEXT_KNOWN)), facts


def _refuse(undecided: DataFrame, source: Source) -> None:
    """Name the ids and known times of versions of which none is the later."""
    pairs = undecided.select(
        F.col(quoted(str(source.id))).alias("id"), F.col(quoted(str(source.known_time))).cast("string").alias("known")
    ).distinct()
    examples = ", ".join(f"{one['id']} at {one['known']}" for one in pairs.orderBy("id", "known").limit(3).collect())
    order = f"the sequence {', '.join(source.sequence)} does not order" if source.sequence else "no sequence= orders"
    raise DataContractError(
        sentence(f"Source '{source.name}': {pairs.count()} times different versions of one '{source.id}' have one "
                 f"'{source.known_time}', which {order}, for example {examples}",
                 fix="Declare sequence=, a column that says which came later.")
    )  # fmt: skip
