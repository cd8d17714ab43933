"""Features as they were known at the time; backtests in the money they would have made."""

from importlib import import_module
from typing import TYPE_CHECKING

from tillthen.define.arguments.duration import days, hours, minutes, months, seconds, weeks, years
from tillthen.define.backtests.backtest import Backtest, Published
from tillthen.define.backtests.cost import Challenge, Costs, Review
from tillthen.define.backtests.folds import Folds
from tillthen.define.backtests.gate import Gate
from tillthen.define.backtests.model import Model
from tillthen.define.expectations import expect
from tillthen.define.faults.errors import (
    ConfigurationError,
    DataContractError,
    DefinitionError,
    DefinitionErrors,
    GateNotMet,
    LeakError,
    ReportError,
    TillthenError,
)
from tillthen.define.features.derived import difference, ratio, zscore
from tillthen.define.features.feature_set import FeatureSet, feature_set
from tillthen.define.features.functions import (
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
from tillthen.define.features.window import LIFETIME as lifetime
from tillthen.define.features.window import latest, leak
from tillthen.define.sources.label import Label, Unobserved
from tillthen.define.sources.money import Money
from tillthen.define.sources.rates import Rates
from tillthen.define.sources.source import Source
from tillthen.define.tables.spine import Snapshots, Spine
from tillthen.define.tables.table import FeatureTable

if TYPE_CHECKING:
    from tillthen.pit.asking import point_in_time
    from tillthen.runtime.own_session import session

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "Challenge",
    "ConfigurationError",
    "Costs",
    "DataContractError",
    "DefinitionError",
    "DefinitionErrors",
    "FeatureSet",
    "FeatureTable",
    "Folds",
    "Gate",
    "GateNotMet",
    "Label",
    "LeakError",
    "Model",
    "Money",
    "Published",
    "Rates",
    "ReportError",
    "Review",
    "Snapshots",
    "Source",
    "Spine",
    "TillthenError",
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


_LAZY = {"point_in_time": "tillthen.pit.asking", "session": "tillthen.runtime.own_session"}
"""What needs Spark, by its module: imported when it is first used, so that declarations need none."""


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'tillthen' has no attribute '{name}'")


def __dir__() -> list[str]:
    """What can be used, for the completion of notebooks."""
    return sorted([*__all__, "__version__"])
