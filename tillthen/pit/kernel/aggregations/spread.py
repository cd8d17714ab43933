"""Sample variance and standard deviation, from exact sums.

With exact S = sum x and Q = sum x**2, (n - 1) n variance = n Q - S**2 is computed in integers and rounded once, so
the result is never negative, 0 where all values are equal, and right to the last bits after any history.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tillthen.pit.kernel.aggregations.counting import how_many
from tillthen.pit.kernel.doubled import Doubled, n_squares_minus_square
from tillthen.pit.kernel.events import Events
from tillthen.pit.kernel.limbs import normalise, round_to_53_bits, square, subtract, zeros
from tillthen.pit.kernel.pieces import Pieces
from tillthen.pit.kernel.values import Values
from tillthen.runtime.arrays import Bools, Floats, Ints


def variance(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Sample variance of the non-null values, null below two; NaN where one is NaN or infinite."""
    mantissa, power, n, unusable = _spread(events, pieces, column)
    with np.errstate(over="ignore", under="ignore"):
        return pa.array(np.where(unusable, np.nan, np.ldexp(mantissa, power)), mask=n < 2)


def stddev(events: Events, pieces: Pieces, column: str | None) -> pa.Array:
    """Sample standard deviation of the non-null values; the root is taken before the range of doubles cuts in."""
    mantissa, power, n, unusable = _spread(events, pieces, column)
    if power.any():
        odd = power & 1
        with np.errstate(over="ignore", under="ignore"):
            root = np.ldexp(np.sqrt(np.ldexp(mantissa, odd)), (power - odd) >> 1)
    else:
        root = np.sqrt(mantissa)
    return pa.array(np.where(unusable, np.nan, root), mask=n < 2)


def _spread(events: Events, pieces: Pieces, column: str | None) -> tuple[Floats, Ints, Ints, Bools]:
    """Variance as mantissa * 2**power, the number of values, and where a NaN or infinity spoils it."""
    assert column is not None
    values = events.column(column)
    n = how_many(pieces, values.valid)
    mantissa, power = _numerator(values, pieces, n)
    pairs = np.maximum(n * (n - 1), 1).astype(np.float64)
    scale = _scale(values)
    return mantissa / pairs / scale, power, n, how_many(pieces, values.finite) < n


def _numerator(values: Values, pieces: Pieces, n: Ints) -> tuple[Floats, Ints]:
    """N Q - S**2, rounded once, as mantissa * 2**power."""
    if values.doubled is not None:
        return _of_doubled(values, values.doubled, pieces, n)
    many, total = pieces.sweep.total(values.squares), pieces.sweep.total(values.parts)
    if len(many) == len(total) == 1 and _fits(many[0], n):
        return (n * many[0] - total[0] * total[0]).astype(np.float64), np.zeros(len(n), dtype=np.int64)
    return _in_full(n, many, total, values.squares.unit)


def _of_doubled(values: Values, doubled: Doubled, pieces: Pieces, n: Ints) -> tuple[Floats, Ints]:
    """As doubles with their rests, and in full where these leave the rounding open."""
    sweep, power = pieces.sweep, np.zeros(len(n), dtype=np.int64)
    mantissa, sure = n_squares_minus_square(doubled, n, sweep.total(doubled.values), sweep.total(doubled.squares))
    open_ = np.flatnonzero(~sure & (n > 1))
    if len(open_):
        many, total = sweep.total(values.squares, open_), sweep.total(values.parts, open_)
        mantissa[open_], power[open_] = _in_full(n[open_], many, total, values.squares.unit)
    return mantissa, power


def _in_full(n: Ints, squares: Ints, sums: Ints, unit: int) -> tuple[Floats, Ints]:
    many, total = normalise(squares, room=1)[1], normalise(sums, room=1)[1]
    times_n = np.vstack([many, zeros(1, many.shape[1])]) * n
    return round_to_53_bits(subtract(times_n, square(total)), unit)


def _fits(squares: Ints, n: Ints) -> bool:
    """Whether n Q and S**2, which is no greater, stay within 64 bits."""
    return float(squares.max(initial=0)) * float(n.max(initial=0)) < 2.0**62


def _scale(values: Values) -> float:
    """Decimals are whole numbers of 10**-scale; their variance is that unit squared smaller."""
    return 10.0 ** (2 * values.type.scale) if pa.types.is_decimal(values.type) else 1.0


AGGREGATIONS = {"variance": variance, "stddev": stddev}
