"""How many rows a task may hold: fewer where each row gets many values in lists, so that these take no more memory."""

from __future__ import annotations

from collections.abc import Sequence

from tillthen.define.features.aggregation import KINDS
from tillthen.define.features.feature_set import FeatureSet

TASK_ROWS = 500_000
"""Rows of a partition, and of one key; keys with more are cut by time."""
LISTED = 32
"""So many values in lists may each of `TASK_ROWS` rows have: 16 million a task."""


def rows_a_task(sets: Sequence[FeatureSet], most: int = TASK_ROWS) -> int:
    """Rows of a task of these feature sets, at most ``most``."""
    listed = sum(listed_values(group) for group in sets)
    return max(most * LISTED // max(LISTED, listed), 1)


def listed_values(group: FeatureSet) -> int:
    """How many values in lists a row may get from a feature set."""
    return sum(int(feature.parameter or 0) for feature in group.declared if KINDS[feature.kind].gives == "list")
