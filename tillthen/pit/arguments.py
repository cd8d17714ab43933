"""What `tillthen.point_in_time` is asked, checked as declarations are, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tillthen.define.arguments.checked import checked
from tillthen.define.arguments.kinds import Column, Count, Zone
from tillthen.define.features.feature_set import FeatureSet


@checked
def point_in_time(
    feature_sets: Sequence[FeatureSet],
    sources: Mapping[str, object] | None = None,
    as_of: Column = "as_of",
    timezone: Zone | None = None,
    date_is: Literal["end", "start"] = "end",
    on_null_time: Literal["refuse", "keep"] = "refuse",
    partitions: Count | None = None,
) -> tuple[FeatureSet, ...]:
    """The feature sets, one alone as a list of one; the other arguments are refused where they are none of theirs."""
    return tuple(feature_sets)
