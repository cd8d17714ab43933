"""Whether probabilities add up on the calibration window: rows later than training, and earlier than what is decided.

A calibrated model's do by construction. Of one without a calibrator, or whose scores are declared rules, expected costs
are as wrong as this sum is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillthen.define.faults.errors import sentence
from tillthen.runtime.arrays import Floats, Ints

FEWEST = 20
"""Of fewer positives chance alone makes a ratio."""

LEAST, MOST = 0.8, 1.25
"""Outside of these bounds of the sum of probabilities by positives a run warns."""


def level_of(probability: Floats, labels: Ints) -> dict[str, Any]:
    """The sum of the probabilities that decide, beside the positives that there were."""
    rows, positives, expected = len(labels), int(labels.sum()), float(probability.sum())
    ratio = expected / positives if positives else None
    off = positives >= FEWEST and not LEAST <= expected / positives <= MOST
    return {"rows": rows, "positives": positives, "expected": expected, "ratio": ratio, "off": off}


def warning(where: str, model: str, level: Mapping[str, Any] | None) -> str | None:
    """What a run says before a model whose level is off decides; None of others."""
    if level is None or not level["off"]:
        return None
    return sentence(
        f"{where}: the probabilities of '{model}' are not at their level on the calibration window",
        expected=f"a sum by positives of {LEAST} to {MOST}",
        got=f"{level['expected']:,.1f} for {level['positives']:,} positives, {level['ratio']:.2f}",
        fix="What decides by expected cost is off by as much: declare a calibration.",
    )
