"""Features as they were known at the time; backtests in the money they would have made."""

from importlib import import_module
from typing import TYPE_CHECKING

from tillthen.define import expect
from tillthen.define.backtest import Backtest, Published
from tillthen.define.cost import Challenge, Costs, Review
from tillthen.define.derived import difference, ratio, zscore
from tillthen.define.duration import days, hours, minutes, months, seconds, weeks, years
from tillthen.define.feature_set import FeatureSet, feature_set
from tillthen.define.folds import Folds
from tillthen.define.functions import (
    any,
    count,
    count_distinct,
    first,
    last,
    last_n,
    last_non_null,
    max,
    mean,
    median,
    min,
    mode,
    quantile,
    rate,
    stddev,
    sum,
    time_since_first,
    time_since_last,
    top_k,
    variance,
)
from tillthen.define.gate import Gate
from tillthen.define.label import Label, Unobserved
from tillthen.define.model import Model
from tillthen.define.money import Money
from tillthen.define.rates import Rates
from tillthen.define.source import Source
from tillthen.define.spine import Snapshots, Spine
from tillthen.define.table import FeatureTable
from tillthen.define.window import LIFETIME as lifetime
from tillthen.define.window import latest, leak

if TYPE_CHECKING:
    from tillthen.pit.asking import point_in_time
    from tillthen.runtime.apart import session

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "Challenge",
    "Costs",
    "FeatureSet",
    "FeatureTable",
    "Folds",
    "Gate",
    "Label",
    "Model",
    "Money",
    "Published",
    "Rates",
    "Review",
    "Snapshots",
    "Source",
    "Spine",
    "Unobserved",
    "any",
    "count",
    "count_distinct",
    "days",
    "difference",
    "expect",
    "feature_set",
    "first",
    "hours",
    "last",
    "last_n",
    "last_non_null",
    "latest",
    "leak",
    "lifetime",
    "max",
    "mean",
    "median",
    "min",
    "minutes",
    "mode",
    "months",
    "point_in_time",
    "quantile",
    "rate",
    "ratio",
    "seconds",
    "session",
    "stddev",
    "sum",
    "time_since_first",
    "time_since_last",
    "top_k",
    "variance",
    "weeks",
    "years",
    "zscore",
]


_LAZY = {"point_in_time": "tillthen.pit.asking", "session": "tillthen.runtime.apart"}
"""What needs Spark, by its module: imported when it is first used, so that declarations need none."""


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'tillthen' has no attribute '{name}'")


def __dir__() -> list[str]:
    """What can be used, for the completion of notebooks."""
    return sorted([*__all__, "__version__"])
