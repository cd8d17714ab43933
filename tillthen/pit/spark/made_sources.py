"""Sources that are made of others: labels as events, and payments in one currency."""

from __future__ import annotations

from pyspark.sql import DataFrame

from tillthen.define.sources.label import LabelEvents
from tillthen.define.sources.rates import Converted
from tillthen.define.sources.source import Source
from tillthen.pit.spark.converted import converted
from tillthen.sources.events.labelled import label_events


def made_rows(source: Source, first: DataFrame, second: DataFrame) -> DataFrame:
    """The rows of a source out of the tables of the two that it is made of."""
    if isinstance(source.made_of, Converted):
        return converted(first, second, source.made_of)
    assert isinstance(source.made_of, LabelEvents), "the source is made of others"
    return label_events(first, second, source)
