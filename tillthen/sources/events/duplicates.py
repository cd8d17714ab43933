"""A source without versions: one row an id."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.define.sources.source import Source
from tillthen.sources.events.clock import KNOWN_FROM, never_visible
from tillthen.sources.events.identity import ROW, with_fingerprint
from tillthen.sources.events.tally import count, dropped, judge, kept

NEXT_ROW, REPEATED = "__next_row", "__repeated"

FEW = 100_000
"""Repeated ids that every task can hold; where there are more, all rows travel to their id."""


def without_duplicates(clocked: DataFrame, source: Source, names: Sequence[str]) -> tuple[DataFrame, dict[str, int]]:
    """The rows that are visible at some time, each id once, and the facts.

    Rows of one id that are identical in ``names`` collapse; different ones are refused, as is a null id, whatever
    their times. Without an id every row is an event of its own.
    """
    alone = never_visible(source)
    repeated = _repeated(clocked, source.id) if source.id else []
    if source.id is None or not repeated:
        judged = judge(clocked, alone)
        return kept(judged), {"duplicates_collapsed": 0, **count(judged, source, alone)}
    same = {"duplicates_collapsed": F.col(NEXT_ROW) == F.col(ROW)}
    reasons = {**same, "different": F.col(NEXT_ROW).isNotNull(), **alone}
    judged = judge(_with_next_row(clocked, source, source.id, names, repeated), reasons)
    facts = count(judged, source, reasons)
    if facts.pop("different"):
        _refuse(dropped(judged, reasons, "different"), source)
    return kept(judged), facts


def refuse_different(clocked: DataFrame, source: Source) -> None:
    """Refuse ids with several rows whose clocks differ: these are no versions, and of no two is one the event."""
    repeated = _repeated(clocked, str(source.id))
    if repeated:
        different = {"different": F.col(NEXT_ROW) != F.col(ROW)}
        judged = judge(_with_next_row(clocked, source, str(source.id), source.clock_columns, repeated), different)
        if count(judged, source, different)["different"]:
            _refuse(dropped(judged, different, "different"), source)


def _repeated(rows: DataFrame, id: str) -> list[Row]:
    """The ids of several rows, one more than `FEW` at most; the ids alone travel for it."""
    ids = rows.select(F.col(quoted(id)).alias(REPEATED)).dropna().groupBy(REPEATED).count().where("count > 1")
    return ids.select(REPEATED).limit(FEW + 1).collect()


def _with_next_row(
    clocked: DataFrame, source: Source, id: str, names: Sequence[str], repeated: Sequence[Row]
) -> DataFrame:
    """Each row with its fingerprint and that of the next one of its id, of identical ones the first landed last.

    Rows whose id stands alone stay where they are, with nulls, unless too many ids repeat.
    """
    by_id = Window.partitionBy(quoted(id)).orderBy(F.col(ROW), F.col(KNOWN_FROM).desc_nulls_first())
    same_row = [name for name in names if name != source.landed_time]
    plain, several = (None, clocked) if len(repeated) > FEW else _apart(clocked, id, repeated)
    found = with_fingerprint(several, same_row).withColumn(NEXT_ROW, F.lead(ROW).over(by_id))
    nothing = F.lit(None).cast("bigint")
    return found if plain is None else plain.withColumns({ROW: nothing, NEXT_ROW: nothing}).unionByName(found)


def _apart(rows: DataFrame, id: str, repeated: Sequence[Row]) -> tuple[DataFrame, DataFrame]:
    """The rows whose id is none of these, and those whose id is."""
    schema = rows.select(F.col(quoted(id)).alias(REPEATED)).schema
    few = F.broadcast(rows.sparkSession.createDataFrame(repeated, schema))
    of_them = F.col(quoted(id)) == F.col(REPEATED)
    return rows.join(few, of_them, "left_anti"), rows.join(few, of_them, "left_semi")


def _refuse(different: DataFrame, source: Source) -> None:
    """Name the ids of rows that are followed by a different row of their id."""
    ids = different.groupBy(F.col(quoted(str(source.id))).alias("id")).agg((F.count("*") + 1).alias("rows"))
    examples = ", ".join(f"{one['id']} ({one['rows']} rows)" for one in ids.orderBy("id").limit(3).collect())
    raise DataContractError(
        sentence(f"Source '{source.name}': {ids.count()} values of '{source.id}' have different rows, for example "
                 f"{examples}", fix="Remove the wrong rows, or declare versions=True with known_time=.")
    )  # fmt: skip
