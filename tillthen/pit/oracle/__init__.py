"""The clock contract as slow, obvious Python: sections 2 to 6, shared with nothing that it checks.

Every row of the spine looks at every event of the source, one rule after the other. Nothing here is clever; where the
engine and this disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import Window
from tillthen.pit.oracle.answers import Overflow, answer
from tillthen.pit.oracle.lives import Event, Row, events_of
from tillthen.pit.oracle.order import order

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compute(
    spine: Sequence[Row], sets: Sequence[FeatureSet], rows: Mapping[str, Sequence[Row]]
) -> list[dict[str, object]]:
    """The spine's rows, each once and in their order, with the features of the sets.

    Parameters
    ----------
    spine
        Rows with the entities' keys, ``as_of`` and, where a set asks for them, its source's id and within_tie column.
        A row whose ``as_of`` is None has an empty window.
    sets
        What to compute.
    rows
        By the source's name: its raw rows. Every row expression is a column of them, already evaluated, under the name
        that it is selected as or under its own text. All times are microseconds since 1970-01-01T00:00:00Z.

    Raises
    ------
    DataContractError
        One id with two different rows, versions that nothing orders, a null id, or a result that does not fit its type.
    """
    events = {group.source.name: events_of(group.source, rows[group.source.name]) for group in sets}
    return [
        {**row, **{f.name: _value(f, row, group, events[group.source.name]) for group in sets for f in group.declared}}
        for row in spine
    ]


def _value(feature: Feature, row: Row, group: FeatureSet, events: Sequence[Event]) -> object:
    """One cell: what is visible, in the window, passes ``where``, and is among the latest few, aggregated."""
    seen = [event for event in events if _matches(event, row, group) and _visible(event, row, group, feature.window)]
    seen = [event for event in seen if feature.where is None or event.row[feature.where] is True]
    seen.sort(key=lambda event: place(event, group))
    if feature.window.k is not None:
        end = max(len(seen) - feature.window.skip, 0)
        seen = seen[max(end - feature.window.k, 0) : end]
    try:
        value = answer(feature.kind, [_taken(feature, event, row) for event in seen], feature.parameter)
    except Overflow as overflow:
        raise _overflow(overflow, feature, row, group) from None
    if _incomplete(feature.window, row, group):
        value = None
    return feature.fill if value is None else value


def _taken(feature: Feature, event: Event, row: Row) -> object:
    """What the aggregation takes of an event: its value, or how long ago it was where it has one."""
    value = event.row[feature.column] if feature.column else True
    if value is None or not feature.kind.startswith("time_since"):
        return value
    assert isinstance(row["as_of"], int)
    return row["as_of"] - event.time


def _matches(event: Event, row: Row, group: FeatureSet) -> bool:
    """The keys are equal and not null, and the event passes the set's own condition."""
    same = all(event.row[key] is not None and event.row[key] == row[key] for key in group.entity)
    return same and (group.rows.condition is None or event.row[group.rows.condition] is True)


def _visible(event: Event, row: Row, group: FeatureSet, window: Window) -> bool:
    """Rules 1 to 4 of section 3 and the window of section 4; a leak knows neither rule 1 nor 2 nor 3."""
    as_of = row["as_of"]
    if not isinstance(as_of, int) or not (window.ahead or event.known_at(as_of)):
        return False
    end = as_of - window.offset.micros
    if window.ahead and window.length is not None:
        ahead = event.time - as_of
        inside = 0 <= ahead < window.length.micros if window.closed == "left" else 0 < ahead <= window.length.micros
    elif window.closed == "left":
        inside = event.time < end and (window.length is None or event.time >= end - window.length.micros)
    else:
        inside = event.time <= end and (window.length is None or event.time > end - window.length.micros)
    if inside and window.closed == "right" and group.within_tie and event.time == as_of:
        theirs, ours = event.row[group.within_tie], row[group.within_tie]
        inside = theirs is not None and ours is not None and order(theirs) <= order(ours)
    if group.exclude_self and group.source.id:
        inside = inside and event.row[group.source.id] != row[group.source.id]
    return inside


def place(event: Event, group: FeatureSet) -> tuple[object, ...]:
    """The order inside a window: event time, known time, the sequence columns, then the selected columns."""
    columns = (*group.source.sequence, *group.rows.names)
    return (event.time, event.known, *(order(event.row[name]) for name in columns))


def _incomplete(window: Window, row: Row, group: FeatureSet) -> bool:
    """Whether the window holds an instant before the source is complete, or may do so, and is to be null then."""
    source, as_of = group.source, row["as_of"]
    if source.complete_from is None or source.incomplete_windows == "keep":
        return False
    if window.length is None or not isinstance(as_of, int):
        return True
    first = as_of if window.ahead else as_of - window.offset.micros - window.length.micros
    earliest = first + (window.closed == "right")
    return earliest < (source.complete_from - EPOCH) // MICROSECOND


def _overflow(overflow: Overflow, feature: Feature, row: Row, group: FeatureSet) -> DataContractError:
    key = {name: row[name] for name in group.entity}
    return DataContractError(
        sentence(f"Feature '{feature.name}' of '{group.name}' for {key} as of {row['as_of']} does not fit {overflow}")
    )
