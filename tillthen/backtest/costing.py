"""The costs of a backtest's rows as columns."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from tillthen.define.cost import Costs


def cost_columns(costs: Costs) -> list[Column]:
    """``amount``, what each action costs on a fraud and on a genuine payment, and the row parts of those costs."""
    return [F.expr(text).cast("double").alias(name) for name, text in costs.columns.items()]
