"""Derived columns: expressions over finished features, computed after them."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.runtime.texts_as_times import refuse_times_of_text


def derive(frame: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """The frame with a column for each ``name: expression``, of which each may read the ones before it."""
    for name, text in columns.items():
        refuse_times_of_text(frame, [text], f"Derived column '{name}'")
        frame = frame.select("*", F.expr(text).alias(name))
    return frame
