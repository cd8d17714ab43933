"""Pairs of equal codes."""

from __future__ import annotations

import numpy as np

from tillthen.runtime.arrays import Ints


def pairs(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Every pair of positions (in ``left``, in sorted ``right``) with equal codes, in order of ``left``."""
    low, high = np.searchsorted(right, left, "left"), np.searchsorted(right, left, "right")
    width = high - low
    at = np.repeat(np.arange(len(left)), width)
    within = np.arange(len(at)) - np.repeat(np.cumsum(width) - width, width)
    return at, np.repeat(low, width) + within
