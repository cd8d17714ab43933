"""What gates have set aside, and what has become of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyspark.sql import functions as F

from tillthen.define.expectations.suitable import quarantining
from tillthen.define.project import Project
from tillthen.materialize.planning.store import Store
from tillthen.materialize.rows.inputs import read_inputs
from tillthen.quality.quarantine import standing
from tillthen.runtime.config import Config
from tillthen.runtime.session import spark_session
from tillthen.tables.log import stands

STATES = {
    "out": "do not meet today's expectations",
    "back": "meet today's expectations",
    "gone": "are not in the source any more, corrected or removed",
}


def quarantined(config: Config, project: Project, tables: Sequence[str] = ()) -> Iterator[str]:
    """The rows that builds of the named tables, or of all, have set aside, a line for each source, state and reasons.

    Rows are judged again by what the source and the expectations are now.
    """
    for table in [project.table(name) for name in tables] or project.tables.values():
        store = Store(config, table)
        if not stands(store.quarantine, config.spark):
            yield f"{table.name}: no row was set aside."
            continue
        for source in (source for source in table.sources if quarantining(source.expect)):
            now = read_inputs(spark_session(config.spark), config, [source]).unscreened[source.name]
            rows = standing(now, f"Source '{source.name}'", source.expect, store.quarantine)
            counted = rows.groupBy("state", F.array_join("reasons", ", ").alias("reasons")).count()
            for row in counted.orderBy("state", "reasons").collect():
                yield f"{table.name}: {row['count']:,} rows of {source.name} {STATES[row.state]} ({row.reasons})."
