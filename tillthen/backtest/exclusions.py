"""Test rows of cards that were already known to be compromised."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tillthen.backtest.data import DAY, Part
from tillthen.runtime.arrays import Bools

RULE = "a card with a fraud since the training began that was known before the day of the payment began"


def compromised(test: Part, card: str, positives: pd.DataFrame) -> Bools:
    """Rows of day d whose card has a positive in ``positives`` with known time < start of d <= retracted time.

    ``positives`` has the columns ``card``, ``known`` and ``retracted`` (microseconds; null for never).
    """
    rows = pd.DataFrame({"card": test.frame[card], "start": test.days * DAY, "row": np.arange(len(test))})
    met = rows.merge(positives, on="card", how="inner")
    standing = met["retracted"].isna() | (met["retracted"] >= met["start"])
    excluded = np.zeros(len(test), dtype=bool)
    excluded[met.loc[(met["known"] < met["start"]) & standing, "row"].to_numpy()] = True
    return excluded
