"""A source without versions: one row an id."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from tillthen.define.errors import DataContractError, sentence
from tillthen.define.rows import quoted
from tillthen.define.source import Source
from tillthen.sources.clock import KNOWN_FROM, never_visible
from tillthen.sources.identity import ROW, with_fingerprint
from tillthen.sources.tally import count, dropped, judge, kept

NEXT_ROW = "__next_row"


def without_duplicates(clocked: DataFrame, source: Source, names: Sequence[str]) -> tuple[DataFrame, dict[str, int]]:
    """The rows that are visible at some time, each id once, and the facts.

    Rows of one id that are identical in ``names`` collapse; different ones are refused, as is a null id, whatever
    their times. Without an id every row is an event of its own.
    """
    alone = never_visible(source)
    if source.id is None or _unique(clocked, source.id):
        judged = judge(clocked, alone)
        return kept(judged), {"duplicates_collapsed": 0, **count(judged, source, alone)}
    # The last of identical rows stays: the one that landed first.
    by_id = Window.partitionBy(quoted(source.id)).orderBy(F.col(ROW), F.col(KNOWN_FROM).desc())
    same_row = [name for name in names if name != source.landed_time]
    rows = with_fingerprint(clocked, same_row).withColumn(NEXT_ROW, F.lead(ROW).over(by_id))
    same = {"duplicates_collapsed": F.col(NEXT_ROW) == F.col(ROW)}
    reasons = {**same, "different": F.col(NEXT_ROW).isNotNull(), **alone}
    judged = judge(rows, reasons)
    facts = count(judged, source, reasons)
    if facts.pop("different"):
        _refuse(dropped(judged, reasons, "different"), source)
    return kept(judged), facts


def _unique(rows: DataFrame, id: str) -> bool:
    """Whether no id repeats; the ids alone travel for it, and where none does the rows never need to."""
    return rows.groupBy(F.col(quoted(id))).count().where("count > 1").isEmpty()


def _refuse(different: DataFrame, source: Source) -> None:
    """Name the ids of rows that are followed by a different row of their id."""
    ids = different.groupBy(F.col(quoted(str(source.id))).alias("id")).agg((F.count("*") + 1).alias("rows"))
    examples = ", ".join(f"{one['id']} ({one['rows']} rows)" for one in ids.orderBy("id").limit(3).collect())
    raise DataContractError(
        sentence(f"Source '{source.name}': {ids.count()} values of '{source.id}' have different rows, for example "
                 f"{examples}", fix="Remove the wrong rows, or declare versions=True with known_time=.")
    )  # fmt: skip
