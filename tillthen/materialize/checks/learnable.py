"""Which types of features a learner takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql.types import BooleanType, DataType, IntegralType, NumericType, StringType

from tillthen.define.backtests.backtest import Backtest
from tillthen.define.faults.errors import sentence


def feature_faults(backtest: Backtest, types: Mapping[str, DataType]) -> Iterator[str]:
    """The features, of those whose type is known, that a model of the backtest cannot learn from."""
    named = backtest.table.categorical
    for model in backtest.models:
        for name in model.inputs(backtest.table.features) if model.learner != "rules" else ():
            allowed = (StringType, IntegralType) if name in named else (NumericType, BooleanType)
            if name in types and not isinstance(types[name], allowed):
                yield sentence(f"Backtest '{backtest.name}': feature '{name}' of model '{model.name}'",
                               expected="text or integers" if name in named else "numbers or booleans",
                               got=types[name].simpleString(),
                               fix="Leave it out with Model(features=[...]), derive a number, or declare it in the "
                                   "table's categorical=[...].")  # fmt: skip
