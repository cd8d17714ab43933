"""Spine rows that are themselves events: they travel once, as both."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.feature_set import FeatureSet
from tillthen.define.rows import quoted
from tillthen.define.source import Source
from tillthen.pit.columns import IS_EVENT
from tillthen.sources.clock import never_visible, with_clock
from tillthen.sources.events import Events
from tillthen.sources.tally import VERDICT, judge


def same_table(spine: DataFrame, table: DataFrame) -> bool:
    """Whether two frames are the same rows."""
    return table is spine or table.sameSemantics(spine)


def owns(spine: DataFrame, group: FeatureSet, events: Events) -> bool:
    """Whether the events of ``group``, whose source is the spine's table, are the spine's rows, under the same key.

    A row of a source with versions, and one of several identical rows, is an event or not by what other rows say;
    text that is still to be read into types is not the spine's column either.
    """
    if group.source.versions or events.facts["duplicates_collapsed"]:
        return False
    columns = dict(group.rows.columns)
    plain = all(columns[key] in (key, quoted(key)) for key in group.entity)
    types = {field.name: field.dataType for field in spine.schema}
    return plain and all(types[name] == events.frame.schema[name].dataType for name in group.reads)


def clocked(rows: DataFrame, source: Source) -> DataFrame:
    """Add the clock of each row, and whether it is ever visible."""
    return judge(with_clock(rows, source), never_visible(source)).withColumn(IS_EVENT, F.col(VERDICT) == 0)
