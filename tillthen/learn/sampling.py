"""Training on some of the negatives, or with positives that weigh more; and what that does to the probability.

A model that saw the share b of the negatives and positives of weight w takes the odds of a positive for w / b times
what they are. p = b p_s / ((b - 1) p_s + w), divided through by w, gives them back; with w = 1 it is the correction of
Dal Pozzolo et al., "Calibrating probability with undersampling for unbalanced classification", 2015. It holds for a
learner that has learned those odds exactly, which is where the search for a model's own level starts (`level`).
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from tillthen.define.backtests.model import Model
from tillthen.define.expressions.literals import quoted
from tillthen.runtime.arrays import Floats

DRAW = "__draw"
_STEPS = 1 << 40


def draw(id: str) -> Column:
    """A number in [0, 1) for each row, from its id alone: the same rows are kept wherever a model trains."""
    return (F.pmod(F.xxhash64(F.lit("negatives"), F.col(quoted(id))), F.lit(_STEPS)) / F.lit(float(_STEPS))).alias(DRAW)


def odds_factor(model: Model) -> float:
    """What the odds of the model's own scores are to be multiplied by: b / w."""
    return model.negatives_kept / model.positive_weight


def corrected(scores: Floats, factor: float) -> Floats:
    """Probabilities from the scores of a model trained on other odds.

    >>> import numpy as np
    >>> corrected(np.array([0.0, 0.5, 1.0]), 0.1).round(4).tolist()
    [0.0, 0.0909, 1.0]
    """
    return scores if factor == 1 else factor * scores / ((factor - 1) * scores + 1)


def facts(model: Model) -> dict[str, object] | None:
    """What was done, for the report; None where nothing was."""
    factor = odds_factor(model)
    if factor == 1 and model.negatives_kept == 1:
        return None
    return {"negatives_kept": model.negatives_kept, "positive_weight": model.positive_weight, "odds_factor": factor}
