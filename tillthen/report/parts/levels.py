"""What the calibration windows held: positives enough to fit a map, and as many as the probabilities expected."""

from __future__ import annotations

from collections.abc import Sequence

from tillthen.define.backtests.minimums import FEW
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.parts.blocks import Block, Prose
from tillthen.report.texts.numbers import count, decimal, few


def levels(models: Sequence[ModelFacts]) -> list[Block]:
    """On how many positives calibrators were fitted, and which probabilities do not add up to what there was."""
    fitted = [model for model in models if model.calibrated_on and model.calibration.kind != "none"]
    off = [model for model in models if any(window.off for window in model.calibrated_on)]
    return [*([_fitted(fitted)] if fitted else []), *map(_off, off)]


def _fitted(models: Sequence[ModelFacts]) -> Block:
    counts = [
        f"{model.name} {', '.join(count(window.positives) for window in model.calibrated_on)}" for model in models
    ]
    weak = any(few(window.positives) for model in models for window in model.calibrated_on)
    words = f"Positives that calibrators were fitted on, by fold: {'; '.join(counts)}."
    return Prose(f"{words} Below {FEW} a map is a guess." if weak else words, "warning" if weak else "note")


def _off(model: ModelFacts) -> Block:
    found = [f"{decimal(window.ratio, 2)} in fold {window.fold}" for window in model.calibrated_on if window.off]
    return Prose(
        f"{model.name} is not at its level: for every positive of the calibration window it expected "
        f"{', '.join(found)}. What decides by expected cost is off by as much.", "warning",
    )  # fmt: skip
