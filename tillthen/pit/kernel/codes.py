"""Codes that sort as values do, values from codes, and positions in the order of codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tillthen.runtime.arrays import Floats, Ints, as_numpy

_FOLD = np.int64(0x7FFFFFFFFFFFFFFF)


def stable_order(codes: Ints) -> Ints:
    """Positions in ascending order of codes, equal ones as they stand.

    Where code and position fit one integer together, that is sorted: it is faster than to sort positions by code.
    """
    rows = len(codes)
    bits = rows.bit_length()
    least, greatest = (int(codes.min()), int(codes.max())) if rows else (0, 0)
    if (greatest - least) >> (62 - bits):
        return np.argsort(codes, kind="stable")
    return np.sort(((codes - least) << bits) | np.arange(rows)) & ((1 << bits) - 1)


def float_codes(values: Floats) -> Ints:
    """IEEE 754 bits, folded so that they sort as numbers; the one NaN is the greatest."""
    bits = values.view(np.int64)
    return np.where(bits < 0, bits ^ _FOLD, bits)


def floats_of(codes: Ints) -> Floats:
    """The doubles that have these codes; codes beyond those of numbers are the one NaN."""
    values = np.where(codes < 0, codes ^ _FOLD, codes).view(np.float64)
    nan = np.isnan(values)
    return np.where(nan, np.nan, values) if nan.any() else values


def bytes_codes(array: pa.Array) -> Ints:
    """Ranks of strings or binaries by their bytes; null is empty."""
    encoded = pc.dictionary_encode(pc.fill_null(array, b"" if "binary" in str(array.type) else ""))
    sorted_ = as_numpy(pc.sort_indices(encoded.dictionary.cast(pa.large_binary())))
    ranks = np.empty(len(sorted_), dtype=np.int64)
    ranks[sorted_] = np.arange(len(sorted_))
    return ranks[as_numpy(encoded.indices)]


def decimal_words(array: pa.Array) -> tuple[NDArray[np.uint64], Ints]:
    """The low (unsigned) and high (signed) 64 bits of decimal128 values, 0 where null."""
    wide = pc.fill_null(array.cast(pa.decimal128(38, array.type.scale)), 0)
    words = np.frombuffer(wide.buffers()[1], dtype=np.uint64, count=2 * len(wide), offset=16 * wide.offset)
    return words[0::2].copy(), words[1::2].copy().view(np.int64)


def decimal_codes(array: pa.Array) -> Ints:
    """Ranks of decimals; null is 0."""
    low, high = decimal_words(array)
    by = np.lexsort((low, high))
    step = np.ones(len(by), dtype=np.int64)
    step[1:] = (low[by][1:] != low[by][:-1]) | (high[by][1:] != high[by][:-1])
    codes = np.empty(len(by), dtype=np.int64)
    codes[by] = np.cumsum(step)
    return codes


def previous_alike(codes: Ints) -> Ints:
    """For each position the one before it that has the same code, or -1."""
    order = stable_order(codes)
    sorted_ = codes[order]
    previous = np.full(len(codes), -1, dtype=np.int64)
    previous[order[1:]] = np.where(sorted_[1:] == sorted_[:-1], order[:-1], -1)
    return previous


def ranks(codes: Ints) -> Ints:
    """Codes in small numbers from 0, in their order."""
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)
