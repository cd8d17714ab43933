"""Derived columns: expressions over finished features, computed after them."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def derive(frame: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """The frame with a column for each ``name: expression``, of which each may read the ones before it."""
    for name, text in columns.items():
        frame = frame.select("*", F.expr(text).alias(name))
    return frame
