"""When the engine and the oracle agree: bit for bit, variance and stddev by the contract's own rule."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from tests.pit.properties.worlds import Row, World
from tillthen.define.aggregation import Feature
from tillthen.define.errors import DataContractError
from tillthen.define.feature_set import FeatureSet
from tillthen.pit import oracle

SPREAD = ("variance", "stddev")


def bits(value: Any) -> object:
    """What two values have in common exactly when they are the same to the bit; one NaN is as good as another."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack(">d", value)
    return (type(value).__name__, str(value)) if not isinstance(value, str | bytes) else value


def disagreements(world: World, got: Sequence[Row]) -> list[str]:
    """Cells in which the engine's answer is not the oracle's."""
    expected = oracle.compute(world.spine, world.sets, {world.source.name: world.rows})
    assert [row["row"] for row in got] == [row["row"] for row in expected]
    extremes = oracle.compute(world.spine, [_extremes(group) for group in world.sets], {world.source.name: world.rows})
    found = []
    for ours, theirs, extreme in zip(expected, got, extremes, strict=True):
        for feature in (feature for group in world.sets for feature in group.declared):
            one, other = ours[feature.name], theirs[feature.name]
            if not _same(feature, one, other, extreme):
                found.append(f"row {ours['row']} {feature}: oracle {one!r}, engine {other!r}")
    return found


def without_overflow(world: World) -> World:
    """The world without the sums that do not fit their types, each of which is an error."""
    for group in world.sets:
        for feature in list(group.declared):
            alone = FeatureSet(**{**vars(group), "declared": [feature]})
            try:
                oracle.compute(world.spine, [alone], {world.source.name: world.rows})
            except DataContractError:
                group.declared.remove(feature)
    return world


def _same(feature: Feature, expected: Any, got: Any, extreme: Row) -> bool:
    if bits(expected) == bits(got):
        return True
    if feature.kind not in SPREAD or not (isinstance(expected, float) and isinstance(got, float)):
        return False
    least, greatest = float(extreme[f"{feature.name}_min"]), float(extreme[f"{feature.name}_max"])
    deviation = math.sqrt(expected) if feature.kind == "variance" else expected
    if deviation < 1e-6 * max(abs(least), abs(greatest)):
        return least < greatest and got >= 0
    return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-323)


def _extremes(group: FeatureSet) -> FeatureSet:
    """The least and the greatest value of each window in which a spread is asked for."""
    made = FeatureSet(**{**vars(group), "declared": []})
    for f in group.declared:
        if f.kind in SPREAD:
            made.declared += [Feature(f"{f.name}_{kind}", kind, f.column, f.where, f.window) for kind in ("min", "max")]
    return made
