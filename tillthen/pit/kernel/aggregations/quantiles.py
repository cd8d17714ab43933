"""Quantiles of type 7, from the two values around a place."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.aggregations.counting import how_many
from tillthen.pit.kernel.aggregations.summing import quotients
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.ladder import Ladder
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Floats, Ints


def quantile(events: Events, pieces: Pieces, column: str | None, q: float) -> pa.Array:
    """The q-quantile of the non-null values, null where there are none, NaN where one is NaN.

    The place (n - 1) q is a whole number and a fraction, both exact; `tillthen.quantile` says what is made of them.
    """
    assert column is not None
    values = events.column(column)
    seen = pieces.keep(values.valid)
    n = seen.sweep.count
    rows = np.flatnonzero(n > 0)
    share = Fraction(str(q))
    place, rest = np.divmod((n[rows] - 1) * share.numerator, share.denominator)
    low, high = _neighbours(events, values, seen, rows, place, rest > 0)
    result = np.zeros(len(n))
    if values.is_floating:
        result[rows] = _between_doubles(values.floats[low], values.floats[high], rest, share.denominator)
        result[how_many(seen, np.isnan(values.floats)) > 0] = np.nan
    else:
        limbs = _with_room(values.parts.limbs, share.denominator)
        both = limbs[:, low] * (share.denominator - rest) + limbs[:, high] * rest
        scale = 10**values.type.scale if pa.types.is_decimal(values.type) else 1
        result[rows] = quotients(both, np.full(len(rows), share.denominator), scale)
    return pa.array(result, mask=n == 0)


def _neighbours(
    events: Events, values: Values, seen: Pieces, rows: Ints, place: Ints, between: Bools
) -> tuple[Ints, Ints]:
    """For each of the rows the event at a place in order of values, and the next one where the place lies between."""
    by_value = np.lexsort((values.order, events.key))
    rank = np.empty(len(by_value), dtype=np.int64)
    # Ranks begin anew with each key: a row sees events of its own key only, and small ranks have few bits.
    rank[by_value] = np.arange(len(by_value)) - np.searchsorted(events.key, events.key)
    ladder = Ladder(seen, rank[seen.events])
    first = np.searchsorted(events.key, events.timeline.key[rows])
    low = by_value[first + ladder.smallest(rows, place)]
    high = low.copy()
    high[between] = by_value[first[between] + ladder.smallest(rows[between], place[between] + 1)]
    return low, high


def _with_room(limbs: Ints, times: int) -> Ints:
    """The same integers so that ``times`` each limb, which is at most 10**9, stays within 64 bits."""
    if len(limbs) == 1 and float(np.abs(limbs).max(initial=0)) * times >= 2.0**62:
        return np.vstack([limbs & 0xFFFFFFFF, limbs >> 32])
    return limbs


def _between_doubles(low: Floats, high: Floats, rest: Ints, parts: int) -> Floats:
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        mixed = low * ((parts - rest) / parts) + high * (rest / parts)
        return np.where(low == high, low, np.clip(mixed, low, high)) + 0.0


AGGREGATIONS = {"quantile": quantile}
