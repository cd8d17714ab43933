"""Early stopping by time: rounds are chosen on the end of the training window, with labels as known at its cut-off.

Log loss is watched, positives weighing what they weigh in training. It is a sum over rows: workers add up their shares,
so that it is the same wherever a model trains. xgboost's area under the precision-recall curve is not: a worker whose
share holds no positive makes it NaN, and it interpolates, so that it is no average precision either.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from tillthen.define.backtests.model import Model
from tillthen.define.faults.errors import DataContractError, sentence

METRIC = "logloss"


def validation_from(model: Model, start: datetime, end: datetime) -> datetime:
    """Where the part of the training window [start, end) begins that early stopping looks at."""
    return end - (end - start) * model.validation


def stopped(model: Model, most: int, best: int, score: float) -> dict[str, Any]:
    """What the report says of it: the model was then trained on the whole window with the best number of rounds.

    Raises
    ------
    DataContractError
        The best score is no number, so that no round was better than another.
    """
    if not math.isfinite(score):
        raise DataContractError(
            sentence(f"Model '{model.name}': early stopping", expected="a log loss to compare rounds by",
                     got=f"{score} after {best + 1} rounds", fix="Lower learning_rate, or remove early_stopping.")
        )  # fmt: skip
    return {
        "metric": "log loss",
        "patience": model.early_stopping,
        "validation_share": model.validation,
        "most_rounds": most,
        "best_rounds": best + 1,
        "best_score": float(score),
    }
