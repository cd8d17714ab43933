"""The features of one stream of events for a partition's spine rows, block of keys by block of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.features.aggregation import Feature
from tillthen.pit.kernel.aggregations import AGGREGATIONS, Made
from tillthen.pit.kernel.aggregations.summing import WindowOverflow
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.lists import Lists
from tillthen.pit.kernel.timeline import FAR, FOREVER, Timeline
from tillthen.pit.kernel.values import Values
from tillthen.pit.partition.sorting import by_key_and_time, encode, event_order, matches, together
from tillthen.pit.partition.stage import AS_OF, Stream
from tillthen.runtime.arrays import Bools, Ints, as_numpy, inverse


@dataclass(frozen=True)
class SpineRows:
    """A partition's spine rows; those without a key or an ``as_of`` share a key code that no event has."""

    fields: Mapping[str, pa.Array]
    values: Sequence[pa.Array]
    key: Ints
    as_of: Ints
    keys: int

    @classmethod
    def of(cls, fields: Mapping[str, pa.Array], values: Sequence[pa.Array], key: Ints, keys: int) -> SpineRows:
        """Rows with these columns of the key and their codes, -1 for none."""
        as_of = fields[AS_OF]
        lost = (key < 0) | ~as_numpy(as_of.is_valid())
        return cls(fields, values, np.where(lost, keys, key), as_numpy(pc.fill_null(as_of, 0)), keys + 1)

    @cached_property
    def order(self) -> Ints:
        """By key and ``as_of``."""
        return by_key_and_time(self.key, self.as_of)

    @cached_property
    def sorted_key(self) -> Ints:
        """The key codes in order."""
        return self.key[self.order]

    def rows_of(self, order: Ints, first: int, last: int) -> Ints:
        """The rows of the keys [first, last) in an ``order`` by key."""
        return order[slice(*np.searchsorted(self.sorted_key, (first, last)))]


@dataclass(frozen=True)
class SortedStream:
    """A stream's events in the contract's order, beside the spine.

    ``tie`` and ``id`` hold comparable codes of the spine's and of the events' column, where the stream has one; by the
    first the spine's rows are ordered too.
    """

    stream: Stream
    spine: SpineRows
    spine_order: Ints
    key: Ints
    time: Ints
    known_from: Ints | None
    known_to: Ints | None
    values: dict[str, pa.Array]
    tie: tuple[Ints, Ints] | None
    id: tuple[Ints, Ints] | None

    @classmethod
    def of(cls, stream: Stream, spine: SpineRows, fields: Mapping[str, pa.Array], key: Ints) -> SortedStream:
        """Sort the events; what does not depend on the block is done here, once."""
        time = as_numpy(fields["time"])
        known = None if stream.known_at_once else as_numpy(fields["from"])
        until = None if stream.known_for_ever else as_numpy(pc.fill_null(fields["to"], FOREVER))
        same = np.array_equal(spine.key, key) and np.array_equal(spine.as_of, time)
        order = spine.order if same else by_key_and_time(key, time)
        if stream.ordered:
            further = [fields[stream.order_field(name)] for name in stream.order]
            order = event_order(order, key, time, time if known is None else known, further)
        tie, own = None, None
        if stream.tie is not None:
            both = [spine.fields[stream.tie], fields["tie"]]
            codes = Values(together(both)).order
            tie = codes[: len(both[0])], codes[len(both[0]) :][order]
        if stream.id is not None:
            mine, theirs = encode([spine.fields[stream.id], fields["id"]])
            own = mine, theirs[order]
        return cls(
            stream,
            spine,
            spine.order if tie is None else np.lexsort((tie[0], spine.as_of, spine.key)),
            key[order],
            time[order],
            None if known is None else known[order],
            None if until is None else until[order],
            {text: fields[stream.value_field(text)].take(pa.array(order)) for text in stream.values},
            tie,
            own,
        )

    @cached_property
    def spine_place(self) -> Ints:
        """Where each spine row is in ``spine_order``."""
        return inverse(self.spine_order)

    def features(self, first: int, last: int, rows: Ints) -> list[Made]:
        """The stream's features for the spine's ``rows`` of the keys [first, last), in their order."""
        mine = self.spine.rows_of(self.spine_order, first, last)
        events = self._block(first, last, mine)
        found = []
        for feature in self.stream.features:
            try:
                found.append(_one(feature, self.stream, events))
            except WindowOverflow as overflow:
                raise _named(overflow, feature, self.stream, self.spine, int(mine[overflow.position])) from None
        if self.spine_order is self.spine.order:
            return found
        # Both orders have the rows of these keys at the same places.
        at = self.spine_place[rows] - self.spine_place[mine[0]]
        return [column.take(at if isinstance(column, Lists) else pa.array(at)) for column in found]

    def _block(self, first: int, last: int, rows: Ints) -> Events:
        """The events of the keys [first, last) against these spine rows, which are sorted."""
        here = slice(*np.searchsorted(self.key, (first, last)))
        tie = (None, None) if self.tie is None else (self.tie[0][rows], self.tie[1][here])
        own = (None, None) if self.id is None else matches(self.id[1][here], self.id[0][rows])
        return Events(
            Timeline(self.spine.key[rows] - first, self.spine.as_of[rows], tie[0]),
            self.key[here] - first,
            self.time[here],
            None if self.known_from is None else self.known_from[here],
            None if self.known_to is None else self.known_to[here],
            {text: Values(array[here]) for text, array in self.values.items()},
            tie[1],
            *own,
        )


def _one(feature: Feature, stream: Stream, events: Events) -> Made:
    """One feature for the rows of one block."""
    parameters = () if feature.parameter is None else (feature.parameter,)
    pieces = events.pieces(feature.window, feature.where)
    result = AGGREGATIONS[feature.kind](events, pieces, feature.column, *parameters)
    incomplete = _reaches_before(feature, stream.complete_from, events.timeline.as_of)
    if isinstance(result, Lists):
        return result if incomplete is None else result.without(incomplete)
    if incomplete is not None:
        result = pc.if_else(pa.array(incomplete), pa.scalar(None, result.type), result)
    return result if feature.fill is None else pc.fill_null(result, pa.scalar(feature.fill, result.type))


def _reaches_before(feature: Feature, complete_from: int | None, as_of: Ints) -> Bools | None:
    """Where a window reaches before the time from which its source is complete."""
    if complete_from is None:
        return None
    reach = feature.window.reach
    if reach is None:
        return np.ones(len(as_of), dtype=bool)
    return as_of < complete_from + min(reach, FAR)


def _named(overflow: WindowOverflow, feature: Feature, stream: Stream, spine: SpineRows, row: int) -> DataContractError:
    as_of = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(spine.as_of[row]))
    key = {name: column[row].as_py() for name, column in zip(stream.entity, spine.values, strict=True)}
    return DataContractError(
        sentence(
            f"Feature '{feature.name}' of '{stream.name}' for {key} as of {as_of.isoformat()} "
            f"does not fit {overflow.type}",
            fix="Use mean, a shorter window or a wider unit.",
        )
    )
