"""Why each row of a source counts for a feature of a spine row, or does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import Window
from tillthen.pit import oracle
from tillthen.pit.audit.agreement import disagreements
from tillthen.pit.oracle.lives import Event, Row, events_of, known_since
from tillthen.pit.oracle.order import order
from tillthen.pit.oracle.plain import EVENT, ID, KNOWN, LANDED, PASSES, RETRACTED, TIE, instant

BEFORE, BEYOND, AT, AFTER = "before the window", "after the window", "at as_of", "after as_of"
LATE, RETRACTED_BY_THEN, REPLACED = "known later", "retracted", "replaced by a later version"
TIED, OWN, NOT_LATEST = "later within the tie", "own event", "not among the latest"
NO_TIME, NEVER_KNOWN = "its event time is null", "its known time is null"
NEVER_VISIBLE = "never visible: a duplicate, deleted, or retracted or replaced by the time it was known"
OUTSIDE = {BEFORE, BEYOND, AT, AFTER}
HIDDEN = OUTSIDE | {LATE, RETRACTED_BY_THEN, REPLACED, TIED, NEVER_KNOWN, NEVER_VISIBLE}
"""Reasons of the clock; the others are of the row itself."""

MOST_TRIED = 200


@dataclass(frozen=True)
class Judged:
    """A raw row and the reasons for which it does not count; without any it does.

    ``known_time`` is in microseconds since the epoch, the delay included, and when it landed.
    """

    row: Row
    reasons: tuple[str, ...]
    known_time: int | None

    @property
    def event_time(self) -> int | None:
        """Microseconds since the epoch."""
        return _whole(self.row[EVENT])

    def __str__(self) -> str:
        name = f"event {self.row[ID]}" if ID in self.row else "an event"
        return f"{name} (at {instant(self.event_time)}, known {instant(self.known_time)})"


def judge(feature: Feature, row: Row, group: FeatureSet, rows: Sequence[Row]) -> list[Judged]:
    """Every raw row of ``group``, a `plain_set`, the nearest to ``as_of`` in event time first."""
    events = events_of(group.source, rows)
    visible = {id(event.row) for event in events}
    judged = [Judged(event.row, tuple(_reasons(event, row, group, feature)), event.known) for event in events]
    counted = sorted((e for e, j in zip(events, judged, strict=True) if not j.reasons),
                     key=lambda event: oracle.place(event, group))  # fmt: skip
    if feature.window.k is not None:
        end = max(len(counted) - feature.window.skip, 0)
        latest = {id(event.row) for event in counted[max(end - feature.window.k, 0) : end]}
        judged = [j if j.reasons or id(j.row) in latest else replace(j, reasons=(NOT_LATEST,)) for j in judged]
    never = [(row, known_since(group.source, row)) for row in rows if id(row) not in visible]
    judged += [Judged(row, (_never(row, known),), known) for row, known in never]
    return sorted(judged, key=lambda one: _distance(one, row["as_of"]))


def culprit(feature: Feature, row: Row, group: FeatureSet, rows: Sequence[Row], stored: object) -> str:
    """The event that explains a value which the contract does not give.

    It is the one which, seen though it is hidden, or not seen though it counts, gives the value; else the nearest
    hidden one. Events that are in the window but not known come before those outside, and `MOST_TRIED` are tried.
    """
    judged = judge(feature, row, group, rows)
    seen = [one.row for one in judged if set(one.reasons) <= {NOT_LATEST}]
    hidden = [one for one in judged if one.event_time is not None and one.reasons and set(one.reasons) <= HIDDEN]
    hidden.sort(key=lambda one: not OUTSIDE.isdisjoint(one.reasons))

    def gives(rows: Sequence[Row]) -> bool:
        alone = group.only([feature])
        return not disagreements([row], [alone], {group.source.name: rows}, [{feature.name: stored}])

    for one in hidden[:MOST_TRIED]:
        others = [other for other in seen if ID not in other or other[ID] != one.row[ID]]
        if gives([*others, _revealed(one, int(str(row["as_of"])), feature.window)]):
            return f"{one}, {', '.join(one.reasons)}: seen, it gives the stored value"
    for one in [one for one in judged if not one.reasons][:MOST_TRIED]:
        if gives([other for other in seen if other is not one.row]):
            return f"{one} counts: not seen, it gives the stored value"
    if hidden:
        return f"the nearest hidden one is {hidden[0]}, {', '.join(hidden[0].reasons)}"
    return "no hidden event of its key is there to explain it"


def bounds(window: Window, as_of: int) -> tuple[int | None, int]:
    """The first and the last instant of a window; None without a lower bound."""
    shift = int(window.closed == "right")
    if window.ahead and window.length is not None:
        return as_of + shift, as_of + window.length.micros - 1 + shift
    end = as_of - window.offset.micros
    return None if window.length is None else end - window.length.micros + shift, end - 1 + shift


def _reasons(event: Event, row: Row, group: FeatureSet, feature: Feature) -> Iterator[str]:
    as_of = row["as_of"]
    if not isinstance(as_of, int):
        yield "as_of is null"
        return
    yield from _row_reasons(event, row, group, feature)
    window = feature.window
    first, last = bounds(window, as_of)
    if first is not None and event.time < first:
        yield BEFORE
    if event.time > last:
        yield BEYOND if window.ahead or event.time < as_of else AFTER if event.time > as_of else AT
    if window.ahead:
        return
    if event.known > as_of:
        yield LATE
    if event.until is not None and event.until <= as_of:
        yield RETRACTED_BY_THEN if event.until == event.row.get(RETRACTED) else REPLACED
    if group.within_tie and window.closed == "right" and event.time == as_of:
        theirs, ours = event.row[TIE], row[TIE]
        if theirs is None or ours is None or order(theirs) > order(ours):
            yield TIED


def _row_reasons(event: Event, row: Row, group: FeatureSet, feature: Feature) -> Iterator[str]:
    if group.rows.condition and not event.row[PASSES]:
        yield "does not pass the set's condition"
    elif any(event.row[key] != row[key] for key in group.entity):
        yield "of another key"
    elif feature.where and event.row[feature.where] is not True:
        yield f"not where {feature.where}"
    if group.exclude_self and event.row[ID] == row[ID]:
        yield OWN


def _never(row: Row, known: int | None) -> str:
    if row[EVENT] is None:
        return NO_TIME
    return NEVER_KNOWN if known is None else NEVER_VISIBLE


def _revealed(one: Judged, as_of: int, window: Window) -> Row:
    """The row as if it had happened in the window and been known in time."""
    first, last = bounds(window, as_of)
    time = int(str(one.event_time))
    time = min(time if first is None else max(time, first), last)
    known = as_of if one.known_time is None else min(as_of, one.known_time)
    return {**one.row, EVENT: time, KNOWN: known, LANDED: known, RETRACTED: None}


def _distance(one: Judged, as_of: object) -> tuple[bool, int]:
    if one.event_time is None or not isinstance(as_of, int):
        return True, 0
    return False, abs(one.event_time - as_of)


def _whole(value: object) -> int | None:
    assert value is None or isinstance(value, int)
    return value
