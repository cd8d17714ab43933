"""The level of a model's probabilities: one number on the log odds, so that they add up to the positives there were.

A learner's own scores need not mean what they say. Boosting starts every row at one half and comes down by its learning
rate; weights and a share of the negatives move the odds on purpose. So every trained model gets one number, added to
the log odds of every row: with it the probabilities of all rows of the training window, those left out by sampling
too and each counted once, add up to their positives. The order of the rows stays. Source: the correction of the
intercept by the prior, King and Zeng, "Logistic regression in rare events data", 2001, with the sum in place of theory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from tillthen.learn.sampling import corrected
from tillthen.runtime.arrays import Floats

FARTHEST = 50.0
"""No level is farther than this from where it is looked for: e**50 is more than any share of positives asks."""


@dataclass(frozen=True)
class Tally:
    """Rows by the log odds that a model gives them: how many there are of each, and the positives among all."""

    log_odds: Floats
    rows: Floats
    positives: float

    def expected(self, level: float) -> float:
        """The sum of the probabilities at a level."""
        return float((self.rows * expit(self.log_odds + level)).sum())


def level(tally: Tally, start: float) -> float:
    """The level at which the probabilities add up to the positives; ``start`` where none does.

    None does where every row has probability 0 or 1, as of a tree that was grown until its leaves are pure.
    """
    low, high = start - FARTHEST, start + FARTHEST
    if not tally.expected(low) < tally.positives < tally.expected(high):
        return start
    return float(brentq(lambda at: tally.expected(at) - tally.positives, low, high, xtol=1e-12, rtol=1e-14))


def raised(probability: Floats, level: float) -> Floats:
    """Probabilities whose log odds are moved by a level; 0 and 1 stay.

    >>> raised(np.array([0.0, 0.5, 1.0]), np.log(0.1)).round(4).tolist()
    [0.0, 0.0909, 1.0]
    """
    return corrected(probability, float(np.exp(level)))


def log_odds(probability: Floats) -> Floats:
    """Log odds, infinite at 0 and 1."""
    return np.asarray(logit(probability), dtype=np.float64)
