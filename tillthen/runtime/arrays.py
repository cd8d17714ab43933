"""Short names for the arrays that pass between rooms, and their sums by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sums(at: Ints, values: Floats | Ints, groups: int) -> Floats:
    """The sum of the values in each of so many groups; ``at`` says which group each is in."""
    return np.bincount(at, values, minlength=groups).astype(np.float64)
