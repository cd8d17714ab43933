"""Early stopping by time: rounds are chosen on the end of the training window, with labels as known at its cut-off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tillthen.define.model import Model

METRIC = "aucpr"


def validation_from(model: Model, start: datetime, end: datetime) -> datetime:
    """Where the part of the training window [start, end) begins that early stopping looks at."""
    return end - (end - start) * model.validation


def stopped(model: Model, most: int, best: int, score: float) -> dict[str, Any]:
    """What the report says of it: the model was then trained on the whole window with the best number of rounds."""
    return {
        "metric": METRIC,
        "patience": model.early_stopping,
        "validation_share": model.validation,
        "most_rounds": most,
        "best_rounds": best + 1,
        "best_score": float(score),
    }
