"""Outcomes of decisions: which are bad, and from when until when each is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.sources.label import Label, Unobserved
from tillthen.runtime.texts_as_times import refuse_times_of_text
from tillthen.sources.events.clock import KNOWN_FROM, KNOWN_TO, with_clock
from tillthen.sources.events.money import read_columns
from tillthen.sources.events.prepared import prepare
from tillthen.sources.reading.keys import Key, key_faults, refuse_keys, widened
from tillthen.sources.reading.schema import declared_types

DECISION = "__decision"
POSITIVE, UNOBSERVED, UNKNOWN = "__positive", "__unobserved", "__unknown"


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a label's source.

    ``positive``: for each positive outcome its ``__decision`` and the microseconds ``__known_from`` <= T <
    ``__known_to`` (null for ever) in which it is known. ``unknown``: decisions with an outcome whose known time is
    null. ``unobserved``: decisions that can have no outcome, and when that is known, as of ``positive``; None where the
    label has none. ``facts`` are what was counted of the source. Decisions that are integers are bigint.
    """

    positive: DataFrame
    unknown: DataFrame
    facts: dict[str, int]
    unobserved: DataFrame | None = None

    @cached_property
    def by_decision(self) -> DataFrame:
        """Each of these decisions once, with all that is or will be known of it, whenever that is.

        ``__positive`` and ``__unobserved`` are arrays of intervals (``__known_from``, ``__known_to``); ``__unknown``
        says that an outcome has no known time.
        """
        interval = F.struct(KNOWN_FROM, KNOWN_TO).alias("interval")
        no_interval = F.lit(None).cast(f"struct<{KNOWN_FROM}: bigint, {KNOWN_TO}: bigint>").alias("interval")
        rows = self.positive.select(DECISION, F.lit(POSITIVE).alias("kind"), interval)
        rows = rows.union(self.unknown.select(DECISION, F.lit(UNKNOWN), no_interval))
        if self.unobserved is not None:
            rows = rows.union(self.unobserved.select(DECISION, F.lit(UNOBSERVED), interval))
        of = {kind: F.col("kind") == kind for kind in (POSITIVE, UNOBSERVED, UNKNOWN)}
        intervals = {kind: F.collect_list(F.when(of[kind], F.col("interval"))) for kind in (POSITIVE, UNOBSERVED)}
        found = [column.alias(kind) for kind, column in intervals.items()]
        return rows.groupBy(DECISION).agg(*found, F.bool_or(of[UNKNOWN]).alias(UNKNOWN))


def outcomes(table: DataFrame, label: Label) -> Outcomes:
    """Read the outcomes of decisions from the label source's table."""
    events = prepare(table, label.source, label.reads)
    refuse_times_of_text(events.frame, [label.positive], f"Label '{label.name}'")
    bad = _decided(events.frame.where(label.positive), label).select(DECISION, KNOWN_FROM, KNOWN_TO)
    rows = read_columns(table, label.source, label.reads, declared_types(table, label.source))
    clocked = with_clock(rows, label.source)
    possible = F.coalesce(F.expr(label.positive), F.lit(True))
    lost = _decided(clocked.where(F.col(KNOWN_FROM).isNull() & possible), label).select(DECISION).distinct()
    return Outcomes(bad, lost, events.facts)


def unobserved(table: DataFrame, declared: Unobserved) -> DataFrame:
    """The decisions that can have no outcome, from the table that says so."""
    events = prepare(table, declared.source, declared.reads)
    refuse_times_of_text(events.frame, [declared.where], f"Unobserved decisions of '{declared.source.name}'")
    return _decided(events.frame.where(declared.where), declared).select(DECISION, KNOWN_FROM, KNOWN_TO)


def refuse_decisions(rows: DataFrame, id: str, found: Outcomes, label: Label) -> None:
    """Raise `DataContractError` where the id of decisions and what outcomes say it is cannot be compared exactly."""
    keys = [Key(rows.schema[id].dataType, "the decisions"), _key(found.positive, label)]
    if found.unobserved is not None and label.unobserved is not None:
        keys.append(_key(found.unobserved, label.unobserved))
    refuse_keys([*key_faults(f"Label '{label.name}': decision '{id}'", *keys)])


def _decided(rows: DataFrame, declared: Label | Unobserved) -> DataFrame:
    """Rows with the decision that they are of, which is refused where its type is no key; integers as bigint."""
    named = rows.withColumn(DECISION, F.expr(declared.key))
    refuse_keys([*key_faults(f"Decision '{declared.decision}'", _key(named, declared))])
    return named.withColumn(DECISION, widened(named, DECISION))


def _key(frame: DataFrame, declared: Label | Unobserved) -> Key:
    return Key(frame.schema[DECISION].dataType, f"source '{declared.source.name}'", declared.cast)
