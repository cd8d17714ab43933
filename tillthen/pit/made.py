"""Sources that are made of others: labels as events, and payments in one currency."""

from __future__ import annotations

from pyspark.sql import DataFrame

from tillthen.define.label import LabelEvents
from tillthen.define.source import Source
from tillthen.pit.converted import converted
from tillthen.sources.labelled import label_events


def made_rows(source: Source, first: DataFrame, second: DataFrame) -> DataFrame:
    """The rows of a source out of the tables of the two that it is made of."""
    assert source.made_of is not None, "the source has no table of its own"
    if isinstance(source.made_of, LabelEvents):
        return label_events(first, second, source)
    return converted(first, second, source.made_of)
