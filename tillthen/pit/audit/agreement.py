"""When a value is the contract's: bit for bit, variance and stddev by the rule of section 5."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillthen.define.features.aggregation import Feature
from tillthen.define.features.feature_set import FeatureSet
from tillthen.pit import oracle
from tillthen.pit.oracle.lives import Row

SPREAD = ("variance", "stddev")


@dataclass(frozen=True)
class Disagreement:
    """A cell that is not what the oracle says; ``row`` is its position in the spine."""

    row: int
    feature: Feature
    expected: object
    got: object


def disagreements(
    spine: Sequence[Row], sets: Sequence[FeatureSet], rows: Mapping[str, Sequence[Row]], got: Sequence[Row]
) -> list[Disagreement]:
    """The cells of ``got``, the spine's rows in their order, that differ from `tillthen.pit.oracle.compute`."""
    expected = oracle.compute(spine, sets, rows)
    spread = [made for made in map(_extremes, sets) if made.declared]
    extremes = oracle.compute(spine, spread, rows)
    found = []
    for i, (ours, theirs, extreme) in enumerate(zip(expected, got, extremes, strict=True)):
        for feature in (feature for group in sets for feature in group.declared):
            if not _same(feature, ours[feature.name], theirs[feature.name], extreme):
                found.append(Disagreement(i, feature, ours[feature.name], theirs[feature.name]))
    return found


def bits(value: Any) -> object:
    """What two values have in common exactly when they are the same to the bit; one NaN is as good as another.

    >>> bits(0.0) == bits(-0.0), bits(float("nan")) == bits(-float("nan")), bits(1) == bits(True)
    (False, True, False)
    """
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack(">d", value)
    if isinstance(value, list):
        return tuple(map(bits, value))
    if isinstance(value, bytes | bytearray):  # Spark 3.5 gives one for the other
        return bytes(value)
    return value if isinstance(value, str) else (type(value).__name__, str(value))


def _same(feature: Feature, expected: Any, got: Any, extreme: Mapping[str, Any]) -> bool:
    if bits(expected) == bits(got):
        return True
    if feature.kind not in SPREAD or not (isinstance(expected, float) and isinstance(got, float)):
        return False
    least, greatest = extreme[f"{feature.name}_min"], extreme[f"{feature.name}_max"]
    if least is None:  # an empty window: what was expected is the feature's fill
        return False
    deviation = math.sqrt(expected) if feature.kind == "variance" else expected
    if deviation < 1e-6 * max(abs(float(least)), abs(float(greatest))):
        return bool(least < greatest) and got >= 0
    return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-323)


def _extremes(group: FeatureSet) -> FeatureSet:
    """The least and the greatest value of each window in which a spread is asked for."""
    declared = [
        Feature(f"{f.name}_{kind}", kind, f.column, f.where, f.window)
        for f in group.declared
        if f.kind in SPREAD
        for kind in ("min", "max")
    ]
    return group.only(declared)
