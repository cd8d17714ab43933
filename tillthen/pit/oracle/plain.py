"""A feature set as the oracle reads it: every row expression a column, the clock under names of its own.

A set may select its event time as a text, or another column under the name of the id; the names here begin with "@",
so that they meet none of those.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tillthen.define.arguments.duration import ZERO
from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.sources.rows import Rows

EVENT, KNOWN, LANDED, RETRACTED, ID, TIE = (
    "@event_time", "@known_time", "@landed_time", "@retracted_time", "@id", "@tie",
)  # fmt: skip
DELETED, PASSES, AS_OF = "@deleted", "@passes", "@as_of"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sequence(index: int) -> str:
    """The name of the i-th sequence column."""
    return f"@sequence{index}"


def plain_set(group: FeatureSet) -> FeatureSet:
    """The same features over rows with these names: times in microseconds, the delay already in the known time.

    The known time is what a row claims, whenever it landed.
    """
    source = group.source
    clock = replace(
        source,
        id=ID if source.id else None,
        event_time=EVENT,
        known_time=KNOWN,
        delay=ZERO,
        landed_time=LANDED if source.landed_time else None,
        retracted_time=RETRACTED if source.retracted_time else None,
        sequence=tuple(sequence(i) for i in range(len(source.sequence))),
        deleted=DELETED if source.deleted else None,
        expect=(),
    )
    rows = Rows(source.name, PASSES if group.rows.condition else None, tuple((n, quoted(n)) for n in group.rows.names))
    return replace(group, source=clock, rows=rows, within_tie=TIE if group.within_tie else None)


def instant(micros: int | None) -> str:
    """Microseconds since the epoch as a time in UTC.

    >>> instant(1_500_000), instant(None), instant(2**62)
    ('1970-01-01T00:00:01.500000Z', 'never', 'beyond the calendar')
    """
    if micros is None:
        return "never"
    try:
        return (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return "beyond the calendar"
