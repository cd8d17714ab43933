"""Features as they were known at the time; backtests in the money they would have made."""

from typing import TYPE_CHECKING

from tillthen.define.aggregation import (
    count,
    count_distinct,
    first,
    last,
    last_non_null,
    max,
    mean,
    min,
    rate,
    stddev,
    sum,
    variance,
)
from tillthen.define.backtest import Backtest, Model, Published
from tillthen.define.cost import Costs
from tillthen.define.duration import days, hours, minutes, months, seconds, weeks, years
from tillthen.define.feature_set import FeatureSet, feature_set
from tillthen.define.folds import Folds
from tillthen.define.label import Label
from tillthen.define.source import Source
from tillthen.define.table import FeatureTable, Spine
from tillthen.define.window import LIFETIME as lifetime
from tillthen.define.window import latest

if TYPE_CHECKING:
    from tillthen.pit.engine import point_in_time

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "Costs",
    "FeatureSet",
    "FeatureTable",
    "Folds",
    "Label",
    "Model",
    "Published",
    "Source",
    "Spine",
    "count",
    "count_distinct",
    "days",
    "feature_set",
    "first",
    "hours",
    "last",
    "last_non_null",
    "latest",
    "lifetime",
    "max",
    "mean",
    "min",
    "minutes",
    "months",
    "point_in_time",
    "rate",
    "seconds",
    "stddev",
    "sum",
    "variance",
    "weeks",
    "years",
]


def __getattr__(name: str) -> object:
    """Import the engine when it is first used, so that declarations need no Spark."""
    if name == "point_in_time":
        from tillthen.pit.engine import point_in_time

        return point_in_time
    raise AttributeError(f"module 'tillthen' has no attribute '{name}'")
